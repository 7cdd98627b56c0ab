import { expect, test } from 'vitest'
import { en, zh, type Key } from '../src/messages'
import { clock } from '../src/cases/case'
import { asked } from '../src/api'
import { choose, moment, t } from '../src/ui'

const places = (words: string) => [...words.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort()

test('both languages have the same keys and places', () => {
  expect(Object.keys(en)).toEqual(Object.keys(zh))
  for (const key of Object.keys(zh) as Key[]) expect(places(en[key]), key).toEqual(places(zh[key]))
})

test('places are filled in the language chosen', () => {
  expect(t('recentContacts', { n: 3, days: 7 })).toBe('7 天内已来过 3 次')
  choose('language', 'en')
  expect(t('recentContacts', { n: 3, days: 7 })).toBe('3 contacts in the last 7 days')
  expect(document.documentElement.lang).toBe('en')
  choose('language', 'zh')
})

test('moments are told in the time of Shanghai', () => expect(moment('2026-11-21T17:05:00Z')).toBe('11-22 01:05'))

test.each([
  [-90 * 60_000, '超时 2 小时', true],
  [20 * 60_000, '20 分钟后到期', false],
  [72 * 3_600_000, '3 天后到期', false],
])('a clock %i ms away', (away, text, late) => {
  expect(clock(new Date(1e12 + away).toISOString(), 1e12)).toEqual({ text, late })
})

test('only what is given is asked', () => expect(asked({ a: 1, b: '', c: undefined, d: '甲' })).toBe('?a=1&d=%E7%94%B2'))
