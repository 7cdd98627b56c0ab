import { expect, test } from 'vitest'
import { asked } from '../src/api'
import { clock } from '../src/cases/case'
import { t } from '../src/log/words'
import { choose, moment, type Pair } from '../src/ui'

const places = (words: string) => [...words.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort()
const tables = import.meta.glob('../src/**/words*.ts', { eager: true, import: 'TABLE' })

test.each(Object.entries(tables))('%s has the same places in both languages', (_path, table) => {
  const pairs = Object.entries(table as Record<string, Pair>)
  expect(pairs.length).toBeGreaterThan(0)
  for (const [key, [zh, en]] of pairs) expect(places(en), key).toEqual(places(zh))
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
