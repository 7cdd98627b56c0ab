import { expect, test } from 'vitest'
import { between, days, lastWeeks, monthOf, shift, weekOf } from '../src/weeks'

test.each([
  ['2025-12-31T16:00:00Z', '2026-W01'],
  ['2026-11-15T15:59:00Z', '2026-W46'],
  ['2026-11-15T16:00:00Z', '2026-W47'],
  ['2026-12-31T16:00:00Z', '2026-W53'],
  ['2027-01-03T15:59:59Z', '2026-W53'],
  ['2027-01-04T00:00:00+08:00', '2027-W01'],
])('%s is in %s, in Shanghai', (moment, week) => {
  expect(weekOf(moment)).toBe(week)
  expect(weekOf(Date.parse(moment))).toBe(week)
})

test.each([
  ['2026-W47', 0, '2026-W47'],
  ['2026-W53', 1, '2027-W01'],
  ['2027-W01', -1, '2026-W53'],
  ['2026-W01', -1, '2025-W52'],
  ['2024-W52', 1, '2025-W01'],
  ['2027-W02', -3, '2026-W52'],
])('%s %i weeks on is %s', (week, n, wanted) => expect(shift(week, n)).toBe(wanted))

test('spans of weeks', () => {
  expect(between('2026-W52', '2027-W01')).toEqual(['2026-W52', '2026-W53', '2027-W01'])
  expect(between('2027-W02', '2026-W52')).toEqual([])
  expect(lastWeeks(Date.parse('2026-11-15T17:00:00Z'), 2)).toEqual(['2026-W47', '2026-W46'])
})

test('the days of a week and the month it is counted in', () => {
  expect([days('2026-W46'), days('2026-W01')]).toEqual(['11-09 – 11-15', '12-29 – 01-04'])
  expect([monthOf('2026-W44'), monthOf('2026-W49')]).toEqual(['2026-11', '2026-12'])
})
