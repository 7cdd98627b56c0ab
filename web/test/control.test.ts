import { afterEach, expect, test } from 'vitest'
import { control } from '../src/charts/control'
import { fileRows, type Look } from '../src/charts/drawing'
import { svgText } from '../src/charts/echarts'
import { finding } from '../src/charts/finding'
import { apart, balanced, cut, lanes, widthOf, wrapped } from '../src/charts/labels'
import { markOf, type Control, type Point, type Signal } from '../src/charts/points'
import { seamMarks } from '../src/charts/seams'
import { every, scale, tick } from '../src/charts/scale'
import { language } from '../src/ui'

const COLOUR = new Proxy({}, { get: (_, name) => `#${String(name).length.toString(16).repeat(6)}` }) as Look['colour']
const LOOK: Look = { width: 800, height: 300, font: 'sans-serif', dark: false, colour: { ...COLOUR, bad: '#b3202c', warn: '#835200' } }

function point(week: number, value: number | null, signals: Signal[] = [], mean = 10, limits: [number, number] | null = [8, 12]): Point {
  const known = value === null ? { state: 'no_denominator', n: 0 } : { state: 'known', n: 1000 }
  return { week: `2026-W${week}`, ...known, value, count: Math.round(value ?? 0), mean, limits, signals, side: 'above' }
}

const GIVEN: Control = {
  points: [point(20, 10), point(21, null), point(22, 13.5, ['outside']), point(23, 11, ['side'], 9, [7, 11.5])],
  running: { week: '2026-W24', state: 'known', value: 9, n: 500, count: 5 },
  marks: [{ week: '2026-W22', text: '「换线」上线', kind: 'project' }],
  show: (value) => (value === null ? '—' : value.toFixed(2)),
  to: (week) => `/contacts?first=${week}&last=${week}`,
}
afterEach(() => (language.value = 'zh'))

test('the table says the same as the chart, newest first', () => {
  const rows = fileRows(control(GIVEN).table)
  expect(rows[0]).toEqual(['ISO 周', '联络数', '分母', '数值', '下限', '均值', '上限', '信号', '标记'])
  expect(rows[1]).toEqual(['2026-W24', 5, 500, 9, null, null, null, '本周未完，不参与判断', ''])
  expect(rows[2]).toEqual(['2026-W23', 11, 1000, 11, 7, 9, 11.5, '连续七周同一侧', ''])
  expect(rows[3]!.slice(7)).toEqual(['超出控制限', '「换线」上线'])
  expect(rows[4]).toEqual(['2026-W21', 0, null, '没有分母', 8, 10, 12, '', ''])
  expect(control(GIVEN).table.rows[0]![1]!.to).toBe('/contacts?first=2026-W24&last=2026-W24')
})

test('a file says what its numbers are counted in, and is in what is shown', () => {
  const hours = control({ ...GIVEN, points: [point(20, 90)], running: null, marks: [], one: 60, unit: '小时', base: '回访' })
  expect(fileRows(hours.table)[0]!.slice(2, 5)).toEqual(['分母（回访）', '数值（小时）', '下限（小时）'])
  expect(fileRows(hours.table)[1]![3]).toBe(1.5)
})

test('a second line has its sign in the legend and its columns in the table', () => {
  const beside = { name: '扣除打标误差', weeks: new Map([['2026-W20', { state: 'known', value: 9, low: 7, high: 30 }]]) }
  const drawing = control({ ...GIVEN, beside })
  expect(svgText(drawing.option(LOOK), LOOK)).toContain('扣除打标误差')
  expect(fileRows(drawing.table)[0]!.slice(7, 10)).toEqual(['扣除打标误差', '95% 下界', '95% 上界'])
  expect(fileRows(drawing.table).at(-1)!.slice(7, 10)).toEqual([9, 7, 30])
  expect(fileRows(drawing.table)[2]!.slice(7, 10)).toEqual(['尚不可知', null, null])
})

test('where not contacts are counted the week leads to them', () => {
  const row = control({ ...GIVEN, counts: '计入数' }).table.rows[1]!
  expect([row[0]!.to, row[1]!.to]).toEqual(['/contacts?first=2026-W23&last=2026-W23', undefined])
})

test.each([390, 800])('values of points beyond a limit lie neither on each other nor on the axis, at %i pixels', (width) => {
  const points = Array.from({ length: 26 }, (_, i) => ({ ...point(20 + i, i % 3 ? 10 : 1, i % 3 ? [] : ['outside']), side: 'below' }) as Point)
  const svg = svgText(control({ ...GIVEN, points, marks: [] }).option({ ...LOOK, width }), { width, height: 300 })
  const places = [...svg.matchAll(/translate\(([\d.]+) ([\d.]+)\)[^>]*>W\d\d 1\.00</g)].map((one) => [Number(one[1]), Number(one[2])] as const)
  expect(places.length).toBeGreaterThan(1)
  for (const [i, [x, y]] of places.entries()) {
    expect(y).toBeLessThan(300 - 26 - 5)
    for (const [other] of places.slice(i + 1)) expect(Math.abs(x - other)).toBeGreaterThan(50)
  }
})

test('a seam of any kind is marked with words', () => {
  const seam = (more: object) => seamMarks([{ week: '2026-W22', what: 'edit', ...more }], { cause: 'delivery.late' }).map((one) => one.text)
  expect(seam({ taxonomy: 3, causes: ['delivery.late'] })).toEqual(['原因表第 3 版'])
  expect(seam({ taxonomy: 3, causes: [] })).toEqual([])
  expect(seam({ what: 'tagger', tagger: 2 })).toEqual(['改由打标第 2 版读'])
  expect(seam({ what: 'something' })).toEqual(['口径变了'])
  expect(seam({ what: 'something', zh: '换了系统', en: 'Another system' })).toEqual(['换了系统'])
})

test('drawn, its texts are in the document, and only a point beyond a limit is red', () => {
  const svg = svgText(control(GIVEN).option(LOOK), LOOK)
  for (const said of ['W22 13.50', '上限 11.50', '均值 9.00', '「换线」上线', '超出控制限']) expect(svg).toContain(said)
  const quiet = { ...GIVEN, points: [point(20, 10), point(21, 11)] }
  expect(svg).toContain('#b3202c')
  const still = svgText(control(quiet).option(LOOK), LOOK)
  expect(still).not.toContain('#b3202c')
  expect(still).not.toContain('#835200')
})

test('texts of users are no markup', () => {
  const svg = svgText(control({ ...GIVEN, marks: [{ week: '2026-W22', text: '<img src=x>', kind: 'seam' }] }).option(LOOK), LOOK)
  expect(svg).not.toContain('<img')
})

test('in English too, and without any point', () => {
  language.value = 'en'
  expect(svgText(control(GIVEN).option(LOOK), LOOK)).toContain('Upper limit 11.50')
  expect(svgText(control({ ...GIVEN, points: [], running: null }).option(LOOK), LOOK)).toContain('<svg')
})

test.each([
  [[], ''],
  [['near'], 'run'],
  [['side', 'outside'], 'outside'],
])('%s is marked as %s', (signals, mark) => expect(markOf(signals as Signal[])).toBe(mark))

test.each([
  [[16, 23], { min: 14, max: 24, step: 2 }],
  [[0.02, 0.9], { min: 0, max: 1, step: 0.2 }],
  [[], { min: 0, max: 1, step: 0.5 }],
])('round axes over %s', (values, wanted) => expect(scale(values)).toEqual(wanted))

test.each([
  ['24.00', '24'],
  ['2.50', '2.5'],
  ['5.0%', '5%'],
  ['120', '120'],
  ['¥1,000.00', '¥1,000'],
])('%s on an axis is %s', (long, short) => expect(tick(long)).toBe(short))

test('labels have room', () => {
  expect(every(26, 44, 572)).toBe(2)
  expect(apart([10, 12, 50], 15, 0, 60)).toEqual([10, 25, 50])
  expect(apart([58, 60], 15, 0, 60)).toEqual([45, 60])
  expect(lanes([{ x: 50, width: 80 }, { x: 60, width: 20 }, { x: 150, width: 60 }])).toEqual([0, 1, 0])
  expect(balanced('商品与描述不符', 60)).toBe('商品与描\n述不符')
  expect(wrapped('the series is above', 70)).toEqual(['the series', 'is above'])
  expect(widthOf(cut('找不到功能或流程复杂', 60))).toBeLessThanOrEqual(60)
})

test.each([
  [[], '还没有完整的一周。'],
  [[point(21, null)], 'W21：没有分母，画不出点。'],
  [[point(20, 10, [], 10, null)], 'W20：10.00，还没有控制限。'],
  [[point(20, 13, ['outside']), point(21, 11)], 'W21：11.00，均值 10.00，在控制限 8.00–12.00 之内，没有信号。早先 1 周超出控制限：W20。'],
  [[point(21, 11, ['side'])], 'W21：11.00，高于均值 10.00（控制限 8.00–12.00）：连续七周同一侧。'],
])('what a chart says: %#', (points, wanted) => expect(finding({ points, show: GIVEN.show })).toBe(wanted))
