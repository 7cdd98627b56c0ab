import { expect, test } from 'vitest'
import { bodyOf, emptyDecision, faultsOf } from '../src/proposals/deciding'
import { marked, spark, waysOf, wordsOf, type Proposal, type View } from '../src/proposals/proposal'

const PROPOSAL = { name: '资格码', department: 'service', nearest: 'promo.not_honoured', state: 'open' } as Proposal
const VIEW: View = { proposal: PROPOSAL, examples: { typical: [], border: [] }, suggested: ['资格码', '领 不到'] }

test.each([
  [{ role: 'lead', departments: ['service'] }, 'open', ['accept', 'merge', 'refuse']],
  [{ role: 'lead', departments: ['marketing'] }, 'open', ['accept', 'merge']],
  [{ role: 'executive', departments: [] }, 'open', ['accept']],
  [{ role: 'admin', departments: [] }, 'refused', ['accept', 'merge']],
  [{ role: 'admin', departments: [] }, 'accepted', []],
  [{ role: 'agent', departments: [] }, 'open', []],
] as const)('what %o may decide on a proposal that is %s', (person, state, ways) => {
  expect(waysOf({ ...PROPOSAL, state }, person as unknown as Parameters<typeof waysOf>[1])).toEqual(ways)
})

test('terms are marked, the longest first, word by word; nothing in them is a pattern', () => {
  const said = (text: string, terms: string[]) => marked(text, terms).map((one) => (one.marked ? `[${one.text}]` : one.text)).join('')
  expect(said('资格码一直领不到，App 里也不行', ['资格', '资格码', '领 app'])).toBe('[资格码]一直[领]不到，[App] 里也不行')
  expect(said('a.b axb', ['a.b'])).toBe('[a.b] axb')
  expect(said('没有', [])).toBe('没有')
})

test('what a decision needs is asked for', () => {
  const form = emptyDecision(VIEW, { role: 'lead', departments: ['marketing'] })
  expect(form).toMatchObject({ label: '资格码', department: 'marketing', into: '', words: '资格码\n领 不到' })
  expect(faultsOf('accept', form)).toEqual({})
  expect(faultsOf('accept', { ...form, label: ' ', words: 'a|b' })).toEqual({ label: 'needed', words: 'wordsWrong' })
  expect(faultsOf('merge', { ...form, into: '' })).toEqual({ into: 'needed' })
  expect(faultsOf('refuse', { ...form, words: '' })).toEqual({ reason: 'reasonNeeded' })
  expect(bodyOf('refuse', { ...form, reason: ' 不是 ' })).toEqual({ reason: '不是' })
})

test('words stand one a line', () => expect(wordsOf('资格码\n\n 领 不到 \n资格码')).toEqual(['资格码', '领 不到']))

test('a line of weeks', () => {
  expect(spark([0, 4, 2], 20, 10)).toBe('M0.0 10.0L10.0 0.0L20.0 5.0')
  expect(spark([3], 20, 10)).toBe('M0.0 0.0')
})
