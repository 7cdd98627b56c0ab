import { expect, test } from 'vitest'
import { after, calendar, counterfactual } from '../src/projects/counterfactual'
import { spanOf } from '../src/projects/metricChart'
import { emptyForm, faults, formOf, nextMonday, planOf } from '../src/projects/plan'
import { differing, ordersOf, powerDate, signal, type LinePoint, type Plan, type Project, type Row } from '../src/projects/project'
import { inputs, interval } from '../src/projects/said'
import { bodyOf, draftOf, faultOf, left, newDraft, overtaken, type Reason, type Tree } from '../src/projects/why'
import { INPUTS } from '../src/projects/words'

const PLAN: Plan = {
  metric: 'cpx', cause: 'delivery.damaged', segment: '', denominator: 'parcels', direction: 'down', minimum_effect: 0.1,
  expected_effect: 0.3, weeks_before: 26, weeks_after: 8, wash_in_weeks: 1, control_causes: [], siblings: ['other'],
  window_days: 7, starts: '2026-12-06T16:00:00Z',
}
const PROJECT = { state: 'proposed', department: 'logistics', plan: PLAN, history: [] } as unknown as Project

test.each([
  [{ role: 'lead', departments: ['logistics'] }, ['accept', 'end']],
  [{ role: 'lead', departments: ['quality'] }, []],
  [{ role: 'executive', departments: [] }, ['accept']],
  [{ role: 'admin', departments: [] }, ['accept', 'end']],
  [{ role: 'agent', departments: ['logistics'] }, []],
  [undefined, []],
] as const)('what %o may order', (person, orders) => {
  expect(ordersOf(PROJECT, person as Parameters<typeof ordersOf>[1])).toEqual(orders)
})

test('the power date is the verdict’s, else the one foretold; a judged project has no foretold one', () => {
  const accepted = { name: 'ProjectAccepted', data: { minimum: { power_date: '2027-W06' } } }
  const row = (state: string, power_date: string | null) =>
    ({ project: { history: [accepted] }, verdict: { state, power_date } }) as unknown as Row
  expect(powerDate(row('washing_in', null))).toEqual({ week: '2027-W06', foretold: true })
  expect(powerDate(row('judged', '2027-W09'))).toEqual({ week: '2027-W09', foretold: false })
  expect(powerDate(row('judged', null))).toBeUndefined()
})

test('a change for the better is no signal', () => {
  expect([signal('IMPROVED'), signal('WORSENED'), signal('MOVED'), signal('NOT_ENOUGH_DATA_YET')]).toEqual(['', 'bad', 'warn', ''])
})

test('plans differ by what is agreed, not by how a moment is written', () => {
  expect(differing(PLAN, { ...PLAN, starts: '2026-12-07T00:00:00+08:00' })).toEqual([])
  expect(differing(PLAN, { ...PLAN, weeks_after: 12, siblings: [] })).toEqual(['weeks_after', 'siblings'])
})

test('a plan is typed as it is sent', () => {
  const form = formOf(PLAN)
  expect([form.starts, form.minimum]).toEqual(['2026-12-07', 10])
  expect(planOf(form, PLAN)).toMatchObject({ starts: PLAN.starts, minimum_effect: 0.1, window_days: 7 })
  expect(planOf({ ...form, starts: '2026-12-14' }, PLAN).starts).toBe('2026-12-14T00:00:00+08:00')
  expect(planOf({ ...form, cause: 'delivery.late' }, PLAN)).not.toHaveProperty('window_days')
})

test.each([
  [{ cause: '' }, { cause: [] }],
  [{ minimum: 0 }, { minimum: [0.1, 99] }],
  [{ before: 11 }, { before: [12, 104] }],
  [{ after: '' }, { after: [8, 104] }],
  [{ washIn: 1.5 }, { washIn: [0, 12] }],
  [{ starts: '' }, { starts: [] }],
  [{ minimum: 12.5 }, {}],
])('%o is told', (change, found) => expect(faults({ ...formOf(PLAN), ...change })).toEqual(found))

test('a project begins on a Monday to come, in Shanghai', () => {
  expect(nextMonday(Date.parse('2026-11-22T15:59:00Z'))).toBe('2026-11-23')
  expect(nextMonday(Date.parse('2026-11-22T16:00:00Z'))).toBe('2026-11-30')
  expect(emptyForm(Date.parse('2026-11-18T02:00:00Z')).starts).toBe('2026-11-23')
})

test('every input that is sealed is shown with what it means', () => {
  expect(inputs({ ...PLAN, metric: 'fcr' }).map((one) => one.key).sort()).toEqual(Object.keys(INPUTS).sort())
  expect(inputs(PLAN).every((one) => one.value && one.means)).toBe(true)
})

test.each([
  [interval(0.421, [0.24, 0.841]), '0.42 (0.24–0.84)'],
  [interval(null, null), undefined],
])('an interval %s', (said, wanted) => expect(said).toBe(wanted))

const reason = (id: string, share: number | null, because: Reason[] = []): Reason => ({
  id, text: id, contacts: [], hidden: 0, assumption: true, share, by: 'lead', at: '', because, explained: because.reduce((n, one) => n + (one.share ?? 0), 0),
})
const tree = (...because: Reason[]): Tree => ({ project: 'P-1', version: 1, because, explained: because.reduce((n, one) => n + (one.share ?? 0), 0), history: [] })

test('what is left counts the reasons of the same thing, but not the one that is changed', () => {
  const thin = reason('thin', 60, [reason('cheap', 30)])
  const whole = tree(thin, reason('thrown', 25))
  expect(left(whole, newDraft(''))).toBe(15)
  expect(left(whole, draftOf(thin, ''))).toBe(75)
  expect(left(whole, newDraft('thin'))).toBe(70)
  expect(faultOf({ ...newDraft(''), text: '因为', assumption: true, share: 16 }, whole)).toBe('share')
  expect(faultOf({ ...newDraft(''), text: '因为', assumption: true, share: 15 }, whole)).toBeUndefined()
  expect(faultOf({ ...newDraft(''), text: '因为' }, whole)).toBe('founded')
})

test('only what happened to this very reason overtakes who writes it', () => {
  const thin = reason('thin', 60)
  const draft = draftOf(thin, '')
  expect(overtaken(tree(thin, reason('another', 10)), draft)).toBeUndefined()
  expect(overtaken(tree({ ...thin, share: 50 }), draft)).toMatchObject({ what: 'changed' })
  const gone = { ...tree(), history: [{ at: '', name: 'ReasonWithdrawn', actor: 'exec', data: { reason: 'thin' } }] }
  expect(overtaken(gone, draft)).toEqual({ what: 'withdrawn', by: 'exec' })
  expect(overtaken(gone, newDraft('thin'))).toEqual({ what: 'place', by: 'exec' })
})

test('no share is not a share of nothing', () => {
  expect(bodyOf(newDraft('')).share).toBeNull()
  expect(bodyOf({ ...newDraft(''), share: '0' }).share).toBe(0)
})

const point = (time: string, count: number, expected: number): LinePoint => ({ time, count, expected, low: expected - 10, high: expected + 10 })
const GIVEN = {
  line: [point('2026-W48', 60, 61), point('2026-W49', 62, 60), point('2026-W52', 33, 60), point('2026-W53', 30, 59.6)],
  start: '2026-W50',
  counts: '2026-W51',
}

test('what came is set against what would have come in the weeks that count', () => {
  expect(after(GIVEN)).toEqual({ weeks: 2, count: 63, expected: 119.6 })
  expect(calendar(GIVEN.line)).toEqual(['2026-W48', '2026-W49', '2026-W50', '2026-W51', '2026-W52', '2026-W53'])
  const { table } = counterfactual(GIVEN)
  expect(table.rows.map((row) => [row[0]!.text, row[1]!.value, row[2]!.value])).toEqual([
    ['2026-W53', 30, 59.6], ['2026-W52', 33, 60], ['2026-W49', 62, 60], ['2026-W48', 60, 61],
  ])
  expect(table.head).toHaveLength(table.rows[0]!.length)
})

test.each([
  ['2026-12-06T16:00:00Z', 1, '2026-W50', '2026-W51'],
  ['2026-12-08T02:00:00Z', 1, '2026-W50', '2026-W52'],
  ['2026-12-06T16:00:00Z', 0, '2026-W50', '2026-W50'],
])('a start at %s with %i weeks of wash-in', (starts, wash_in_weeks, start, counts) => {
  expect(spanOf({ ...PLAN, starts, wash_in_weeks }, Date.parse('2027-02-01T00:00:00Z'))).toMatchObject({ start, counts })
})

test('a project far ahead is shown with the weeks there are', () => {
  const span = spanOf({ ...PLAN, starts: '2027-12-06T16:00:00Z' }, Date.parse('2026-11-18T00:00:00Z'))
  expect(span.first < span.last).toBe(true)
})
