import { beforeEach, expect, test } from 'vitest'
import { headline, tone, weight, working } from '../src/board/changes'
import { accountName, chartPart, heatPart, ledgerPart, matrixPart, skylinePart } from '../src/board/drawings'
import type { Change, Ledger, Overview, ProjectRow, Value } from '../src/board/overview'
import { projectsPart, ratesPart } from '../src/board/results'
import { fileRows } from '../src/charts/drawing'
import type { Point, Signal } from '../src/charts/points'
import { taxonomy } from '../src/taxonomy'
import { correctable, correctedSaid, fits, marksOf, metricName, scopeOf, showOf, type Chart } from '../src/trend/trend'
import { verdictWord } from '../src/verdicts'

const change = (kind: Change['kind'], more: Partial<Change> = {}): Change => ({ kind, zh: '', en: '', ...more })
const week = (value: number | null, signals: Signal[] = [], side = 'above'): Point => ({
  ...{ week: '2026-W46', state: value === null ? 'no_denominator' : 'known', value, n: value === null ? 0 : 1000, count: 7 },
  ...{ mean: 10, limits: [8, 12], signals, side },
})
const value = (of: number | null, more: Partial<Value> = {}): Value => ({ state: of === null ? 'no_data' : 'known', value: of, low: of, high: of, n: 20, count: 10, unknown: 0, worst: of, best: of, ...more })
const project = (state: string, verdict: Partial<ProjectRow['verdict']> = {}): ProjectRow => ({
  project: { id: 'P-1', title: '换箱', state, department: 'logistics', started: state === 'live' ? '2026-08-17' : null, plan: { cause: 'delivery.late', metric: 'cpx', starts: '2026-11-08T16:00:00Z' } },
  verdict: { state: 'judged', word: null, reason: null, rate_ratio: null, ci: null, power_date: null, due: null, ...verdict },
})

const DATA: Overview = {
  ...{ week: '2026-W46', begin: '2026-W22', newest: '2026-W46', running: '2026-W47' },
  changes: [],
  chart: { weeks: [week(11)], running: null, seams: [{ week: '2026-W46', taxonomy: 3, what: 'edit', causes: [] }] },
  skyline: { weeks: ['2026-W46'], causes: [{ cause: 'delivery.late', label: '慢', department: 'logistics', contacts: 7, bars: [week(11)] }], left_out: 0 },
  matrix: [{ cause: 'delivery.late', customer_value: 1, company_value: 2, departments: ['logistics'], quadrant: 'eliminate' }],
  matrix_hidden: 0,
  heat_map: { weeks: ['2026-W46'], departments: [{ department: 'logistics', label: '物流', cells: [week(null)] }] },
  projects: { projects: [project('live', { word: 'IMPROVED', rate_ratio: 0.42, ci: [0.24, 0.84] })], more: false },
  three_rates: { first: '2026-W43', last: '2026-W46', response_rate: value(0.7), resolution_rate: value(null), satisfaction_rate: value(0.5, { unknown: 9, worst: 0.3, best: 0.8 }) },
  health: { projects: 0, steps: [], whole: { from: '', to: '', days: value(null) }, top_causes_live: value(null) },
  corrected: { weeks: [], causes: [] },
  completeness: { days: 14, state: '', channel_days: 0, not_reported: 0, reported: 0, missing: 0, share: null, alarms: [] },
}

beforeEach(() => {
  taxonomy.value = {
    number: 1,
    causes: [{ code: 'delivery.late', group: '', label_zh: '送得太慢', label_en: 'Late', department: 'logistics', denominator: 'parcels', definition_zh: '', window_days: 7, active: true }],
    departments: [{ code: 'logistics', name_zh: '物流部', name_en: 'Logistics' }],
  }
})

test.each([
  [[change('alarm', { new: true }), change('alarm')], 'W46：2 个原因超出平常的波动，其中 1 个是新的'],
  [[change('alarm')], 'W46：1 个原因超出平常的波动'],
  [[change('signal')], 'W46：全部联络有信号'],
  [[change('missing_contacts'), change('not_judged')], 'W46：还没有判定'],
  [[change('not_enough_data')], 'W46：数据还不够，说不出变化'],
  [[change('none')], 'W46：没有超出偶然的变化'],
])('only a signal is news: %#', (changes, said) => expect(headline({ ...DATA, changes })).toBe(said))

test('no alarm is not said to be no signal', () => {
  const moved = { ...DATA.skyline.causes[0]!, bars: [week(13, ['outside'])] }
  expect(headline({ ...DATA, changes: [change('none')], skyline: { ...DATA.skyline, causes: [moved] } })).toBe('W46：没有告警；单看各自的图，有信号的原因 1 个')
})

test('a sign stands only where somebody should look', () => {
  expect([change('alarm'), change('alarm', { snoozed: true }), change('signal', { signals: ['side'] }), change('none')].map(tone)).toEqual(['bad', '', 'warn', ''])
})

test('why an alarm counts', () => {
  const rank = { cause: 'delivery.late', department: 'logistics', contacts: 465, cost: 237714, irritation: 0.725269, reach: 0, share: 0.117, projects: [] }
  expect(weight(rank)).toBe('近四周成本 ¥2,377.14，占有原因的联络 11.7%，恼怒 0.73（最高 1）')
  expect(working('delivery.late', [project('ended'), project('live')]).map((one) => one.project.state)).toEqual(['live'])
})

test('a week that only differs from the one before is neither good nor bad', () => {
  const part = chartPart({ ...DATA, chart: { ...DATA.chart, weeks: [week(9), week(11.9)] } })
  expect(part.finding).toBe('W46：11.90，均值 10.00，在控制限 8.00–12.00 之内，没有信号。')
  expect(skylinePart(DATA).finding).toContain('都在平常的波动之内')
  const moved = { ...DATA.skyline.causes[0]!, bars: [week(13, ['outside'])] }
  expect(skylinePart({ ...DATA, skyline: { ...DATA.skyline, causes: [moved] } }).finding).toBe('1 个原因高于均值且有信号：「送得太慢」。')
})

test('numbers lead to their contacts', () => {
  expect(chartPart(DATA).drawing.table.rows[0]![1]!.to).toBe('/contacts?first=2026-W46&last=2026-W46')
  expect(skylinePart(DATA).drawing.table.rows[0]![2]!.to).toBe('/contacts?first=2026-W46&last=2026-W46&cause=delivery.late')
  expect(skylinePart(DATA).drawing.table.rows[0]![0]!.to).toBe('/trend?cause=delivery.late')
  expect(heatPart(DATA).drawing.table.rows[0]![1]).toMatchObject({ text: '没有分母', to: '/contacts?first=2026-W46&last=2026-W46&department=logistics' })
  expect(projectsPart(DATA).drawing.table.rows[0]![0]!.to).toBe('/projects/P-1')
})

test('seams and projects are marked in the week they are in', () => {
  expect(fileRows(chartPart(DATA).drawing.table)[1]!.at(-1)).toBe('原因表第 3 版 · P-1')
})

test('costs that are not read yet are no zero', () => {
  const row = (ranks?: []) => fileRows(matrixPart(DATA, ranks, { first: '2026-W43', last: '2026-W46' }).drawing.table)[1]
  expect(row()).toEqual(['delivery.late', '送得太慢', '消除', 1, 2, null, null])
})

test('costs that a lead is not told are not said to be nothing', () => {
  const rank = { cause: 'delivery.late', department: 'logistics', contacts: 9, cost: 114859, irritation: 0.5, reach: 0, share: 0.1, projects: [] }
  const scored = (cause: string) => ({ ...DATA.matrix[0]!, cause })
  const says = (matrix: Overview['matrix'], matrix_hidden = 0, ranks = [rank]) => matrixPart({ ...DATA, matrix, matrix_hidden }, ranks, { first: '2026-W43', last: '2026-W46' }).finding
  expect(says([scored('delivery.late')])).toBe('该消除的有 1 个原因：「送得太慢」。近四周共花 ¥1,148.59，圆面积为成本。')
  expect(says([scored('delivery.late'), scored('a')])).toBe('该消除的有 2 个原因：「送得太慢」「a」。其中 1 个归您的部门，近四周花了 ¥1,148.59；别的部门的成本不显示（空心圆）。')
  expect(says([scored('a')])).toContain('都归别的部门')
  expect(says([], 3)).toBe('另有 3 个原因别的部门已打分；您的部门打完分才看得到。')
  expect(says([])).toBe('这一周期还没有部门打分。')
})

test('before there are limits nothing is said to be usual', () => {
  const bare = { ...week(11), limits: null }
  const few = { ...DATA, skyline: { ...DATA.skyline, causes: [{ ...DATA.skyline.causes[0]!, bars: [bare] }] }, heat_map: { ...DATA.heat_map, departments: [{ department: 'logistics', label: '物流', cells: [bare] }] } }
  expect([skylinePart(few).finding, heatPart(few).finding]).toEqual(['还没有控制限，说不出平常不平常。', '还没有控制限，说不出平常不平常。'])
})

test('all projects are in the tally', () => {
  const rows = [project('live', { word: 'IMPROVED' }), project('live', { word: 'IMPROVED' }), project('proposed', { state: 'not_started' })]
  expect(projectsPart({ ...DATA, projects: { projects: rows, more: false } }).finding).toBe('3 个项目：有改进 2、还没有结论 1。')
})

test('projects by their verdicts', () => {
  expect(projectsPart(DATA).finding).toBe('1 个项目：有改进 1。')
  const early = { ...DATA, projects: { projects: [project('proposed', { state: 'not_started' })], more: false } }
  expect(projectsPart(early).finding).toBe('1 个项目，都还没有结论。')
  expect(fileRows(projectsPart(early).drawing.table)[1]).toEqual(['P-1 换箱', '已提出', '—', null, null, null, '尚未开始'])
  expect(verdictWord('SOMETHING_LATER')).toBe('SOMETHING_LATER')
})

test('rates say who was not heard', () => {
  const part = ratesPart(DATA)
  expect(part.finding).toContain('最多 9 人')
  expect(fileRows(part.drawing.table).slice(2)).toEqual([
    ['resolution_rate', '解决率', null, null, null, null, null, 20, 0],
    ['satisfaction_rate', '满意率', 0.5, 0.5, 0.5, 0.3, 0.8, 20, 9],
  ])
})

test('the ledger', () => {
  const line = { contacts: 3, disputed: 0, late: 0, reversed: 0 }
  const ledger: Ledger = { month: '2026-11', state: 'open', lines: [{ account: '@unallocated', fen: 50, ...line }, { account: 'logistics', fen: 150, ...line }], total: { fen: 200 }, check: { balanced: true } }
  expect(ledgerPart(ledger).finding).toBe('2026-11（未关账）：共 ¥2.00，物流部最多：¥1.50，占 75%；账目相符。')
  expect(ledgerPart(ledger).drawing.table.rows[0]![0]).toEqual({ text: '物流部', code: 'logistics', to: '/ledger?month=2026-11&account=logistics' })
  expect(accountName('@suspense:logistics')).toBe('暂挂（物流部）')
})

test('a trend is of what its address says', () => {
  const scope = scopeOf({ cause: 'delivery.late', department: 'it', metric: ['a', 'b'] })
  expect(scope).toEqual({ metric: 'cpx', cause: 'delivery.late', department: '', segment: '' })
  expect(metricName(undefined, scope)).toBe('每千包裹的联络')
  expect(fits({ id: 'fcr', zh: '', en: '', unit: 'share', definition_zh: '', scopes: ['all'] }, scope)).toBe(false)
  expect([showOf('minutes')(90), showOf('fen')(150), showOf('share')(0.5), showOf('per_1000')(null)]).toEqual(['1.5 小时', '¥1.50', '50.0%', '—'])
})

test('only seams that touch a cause are in its trend', () => {
  const seam = (causes: string[]) => ({ week: '2026-W46', taxonomy: 2, causes, departments: [], what: 'edit' })
  const segment = { first: '2026-W46', last: '2026-W46', baseline_last: '2026-W46', baseline_points: 1, locked: false, why: 'rebase' as const, reason: '换车', mean: 1 }
  const chart: Chart = { metric: 'cpx', unit: 'per_1000', better: 'lower', begin: null, segments: [segment], seams: [seam(['other']), seam(['delivery.late'])], weeks: [week(1)], running: null }
  const marks = marksOf(chart, scopeOf({ cause: 'delivery.late' }), DATA.projects.projects)
  expect(marks.map((one) => one.kind)).toEqual(['seam', 'rebase', 'project'])
  const read = { ...seam([]), taxonomy: null, tagger: 4, what: 'tagger' }
  expect(marksOf({ ...chart, segments: [], seams: [read] }, scopeOf({ cause: 'delivery.late' }), [])).toEqual([{ week: '2026-W46', text: '改由打标第 4 版读', kind: 'seam' }])
})

test('what second looks put right is said with what it rests on, or that it is not yet known', () => {
  const part = { value: 0.9, low: 0.8, high: 1 }
  const error = { looks: 50, with_cause: 25, missing_with_cause: 0, missing_without_cause: 0, sensitivity: part, specificity: part }
  const one = (value: number | null) => ({ week: '2026-W46', corrected: { state: value === null ? 'not_yet_known' : 'known', value, low: value, high: value } })
  expect(correctedSaid({ label_error: error, weeks: [one(2)] })).toContain('50 次复核：有这个原因的认出 90.0%')
  expect(correctedSaid({ label_error: { ...error, missing_with_cause: 12 }, weeks: [one(null)] })).toContain('还差有这个原因的 12 次')
  expect(correctedSaid({ label_error: error, weeks: [one(null)] })).toContain('不比碰运气准')
  expect([correctable(scopeOf({ cause: 'delivery.late' })), correctable(scopeOf({})), correctable(scopeOf({ cause: 'delivery.late', metric: 'fcr' }))]).toEqual([true, false, false])
})
