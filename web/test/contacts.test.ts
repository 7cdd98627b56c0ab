import { expect, test } from 'vitest'
import { judged, numberOf, type Contact } from '../src/contacts/contact'
import { behindSaid, filterOf, named, without } from '../src/contacts/filter'
import { asItStands, body, same, toggled } from '../src/contacts/judge'
import { snippet } from '../src/contacts/snippet'
import { dated } from '../src/contacts/time'
import { joined, leastSure, reasons, type Row } from '../src/review/queue'

const contact = (more: Partial<Contact>): Contact =>
  ({ id: 'a', text: '😀快递没到', causes: [], analysis: null, correction: null, contact_kind: 'complaint', severity: 1, ...more }) as Contact
const tag = (code: string, confidence: number, ...evidence: [number, number][]) => ({ code, confidence, evidence })
const read = (...causes: ReturnType<typeof tag>[]) => ({ version: 'x', causes, kind: 'complaint' as const, severity: 1, triggers: [], unsure: false })
const said = (...causes: string[]) => ({ by: 'anna', at: '', causes, contact_kind: null, severity: null })

test('who named each cause, by which words, and whether it counts', () => {
  const one = contact({ causes: ['b'], analysis: read(tag('a', 0.8, [1, 3], [3, 5])), correction: said('b') })
  expect(judged(one)).toEqual([
    { code: 'b', confidence: null, words: [], counts: true, person: 'gave' },
    { code: 'a', confidence: 0.8, words: ['快递', '没到'], counts: false, person: 'refused' },
  ])
  expect(judged(contact({ causes: ['a'], analysis: read(tag('a', 0.8)) }))[0]).toMatchObject({ person: '', counts: true })
})

test.each([
  [{ first: '2026-W40', cause: 'a', strange: 'x', channel: '' }, { first: '2026-W40', cause: 'a' }],
  [{ cause: ['a', 'b'], contact_kind: null }, { cause: 'b' }],
])('of an address the known parts count', (query, filter) => expect(filterOf(query)).toEqual(filter))

test.each([
  ['5f0c8c0e-7a52-4a43-9d0c-1d2b3c4d5e6f', ''],
  ['QH-20261118-01', 'QH-20261118-01'],
  ['', ''],
])('the number %s is shown as "%s"', (external_id, shown) => expect(numberOf(contact({ external_id }))).toBe(shown))

test('a part is dropped, a code without words is shown as it is', () => {
  expect(without({ cause: 'a', channel: 'web' }, 'cause')).toEqual({ channel: 'web' })
  expect([named('channel', 'phone'), named('channel', 'pigeon'), named('severity', 2)]).toEqual(['电话', 'pigeon', '明显'])
})

test('what is chosen', () => {
  const now = asItStands(contact({ causes: ['a', 'other'] }))
  expect(now).toEqual({ causes: ['a'], kind: 'complaint', severity: 1 })
  expect(toggled(toggled(now, 'b'), 'a').causes).toEqual(['b'])
  const full = { ...now, causes: ['1', '2', '3', '4', '5'] }
  expect(toggled(full, '6')).toEqual(full)
  expect(same({ ...now, causes: ['a', 'b'] }, { ...now, causes: ['b', 'a'] })).toBe(true)
  expect(same(now, { ...now, severity: 0 })).toBe(false)
  expect(body({ causes: [], kind: '', severity: '' })).toEqual({ causes: [] })
  expect(body({ causes: [], kind: 'other', severity: 0 })).toEqual({ causes: [], contact_kind: 'other', severity: 0 })
})

test('a long text is cut to where the term stands, counted in code points', () => {
  const long = `${'😀'.repeat(100)}退款${'慢'.repeat(500)}`
  const cut = snippet(long, [[100, 102]])
  const [[start, end]] = cut.spans as [[number, number]]
  expect(Array.from(cut.text).slice(start, end).join('')).toBe('退款')
  expect([cut.text.startsWith('…'), cut.text.endsWith('…'), Array.from(cut.text).length]).toEqual([true, true, 362])
  expect(snippet('退款慢', [[0, 2]])).toEqual({ text: '退款慢', spans: [[0, 2]] })
})

test('another year is told', () => {
  const now = new Date('2026-11-22T00:00:00Z')
  expect(dated('2026-11-21T17:05:00Z', now)).toBe('11-22 01:05')
  expect(dated('2025-12-31T16:05:00Z', now)).toBe('01-01 00:05')
  expect(dated('2025-12-31T15:05:00Z', now)).toBe('2025-12-31 23:05')
})

test.each([
  [{ doubt: 0.6, disagreement: 0.1, new_words: 0.4 }, ['doubt', 'new_words']],
  [{ doubt: 0.2, disagreement: 0.1, new_words: 0 }, ['doubt']],
  [{ doubt: 0.1, disagreement: 0.9, new_words: 0 }, ['disagreement']],
])('why it is asked', (row, why) => expect(reasons(row)).toEqual(why))

test('the doubt is about the least sure cause', () => {
  expect(leastSure(contact({ analysis: read(tag('a', 0.99), tag('b', 0.63)) }))?.code).toBe('b')
  expect(leastSure(contact({ analysis: read() }))).toBeUndefined()
})

test('the queue holds nothing twice and nothing that was answered', () => {
  const row = (id: string): Row => ({ contact: contact({ id }), teaches: 0, doubt: 0, disagreement: 0, new_words: 0 })
  const ids = joined([row('a'), row('b')], [row('b'), row('c'), row('d')], new Set(['d'])).map((one) => one.contact.id)
  expect(ids).toEqual(['a', 'b', 'c'])
})

test.each([
  [{}, 3, { rows: 3 }, ['这个数是 3：按这些条件计入的联络。']],
  [{}, 1234, { rows: 50, all: false }, ['这个数是 1,234：按这些条件计入的联络。']],
  [{}, 4, { rows: 3 }, ['这个数是 4，名单上有 3 条。', '相差的正在重新归类，或刚刚改正过；稍后再看。']],
  [{}, 4, { rows: 3, lead: true }, ['这个数是 4，名单上有 3 条。', '数是全公司的；名单只列与您部门有关的联络。']],
  [{}, null, { rows: 3, running: true }, ['本周未完：每千件的率只算分母已到的几天，名单列到现在为止的全部。']],
])('a list says whether it is all that its number counted: %#', (filter, counted, more, said) => {
  expect(behindSaid(filter, counted, { all: true, running: false, lead: false, ...more })).toEqual(said)
  expect(behindSaid({ ...filter, cause: 'delivery.late' }, counted, { all: true, running: false, lead: false, ...more }).join('')).toContain('各计一次')
})
