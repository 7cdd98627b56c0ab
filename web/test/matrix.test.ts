import { expect, test } from 'vitest'
import { complete, half, ordered, ready, table, takenOver, toScore, wide, type Row, type Score } from '../src/matrix/matrix'
import type { Cause } from '../src/taxonomy'

const causes = ['a', 'b', 'c'].map((code) => ({ code }) as Cause)
const score = (cause: string, department: string, value: number): Score => ({ cause, department, customer_value: value, company_value: value, revised: false })
const row = (cause: string, quadrant: Row['quadrant'], low: number, high: number): Row => ({
  cause,
  customer_value: (low + high) / 2,
  company_value: 3,
  departments: ['x'],
  scores: [{ department: 'x', customer_value: low, company_value: 3, revised: true }],
  spread: { customer: [low, high], company: [3, 3] },
  quadrant,
})

test('both sides make a score', () => {
  expect([complete({ customer: 1 }), complete({ customer: 1, company: 5 }), half({ company: 2 }), half({}), half(undefined)]).toEqual([false, true, true, false, false])
  expect(ready(causes, { a: { customer: 1, company: 2 }, b: { customer: 1 } })).toEqual(['a'])
})

test('a ballot holds what this department has not scored, and what it changes', () => {
  const own = [score('a', 'x', 1), score('b', 'y', 1)]
  expect(toScore(causes, own, {}, 'x').map((one) => one.code)).toEqual(['b', 'c'])
  expect(toScore(causes, own, { a: { customer: 2, company: 2 } }, 'x').map((one) => one.code)).toEqual(['a', 'b', 'c'])
})

test('scores of the last cycle fill only what is empty', () => {
  const earlier = [score('a', 'x', 1), score('b', 'x', 2), score('c', 'y', 3)]
  expect(takenOver(earlier, 'x', causes, { a: { customer: 5 } })).toEqual({ b: { customer: 2, company: 2 } })
})

test('what has to go comes first; three apart is wide', () => {
  const rows = [row('l', 'leverage', 4, 5), row('e2', 'eliminate', 1, 3), row('e1', 'eliminate', 1, 1)]
  expect(ordered(rows).map((one) => one.cause)).toEqual(['e1', 'e2', 'l'])
  expect([wide(row('w', 'simplify', 1, 4)), wide(row('n', 'simplify', 1, 3))]).toEqual([true, false])
  expect(table(rows)[1]).toEqual(['e1', '消除', '1.00', 1, 1, '3.00', 3, 3, 'x 1/3 (看过以后改的)'])
})
