import { describe, expect, it } from 'vitest'
import { readings } from '../src/log/pinyin'
import { fits, spells } from '../src/log/typeahead'
import type { Cause } from '../src/taxonomy'

function cause(label_zh: string, label_en = '', definition_zh = ''): Cause {
  return { code: 'a.b', group: '', label_zh, label_en, department: '', denominator: '', definition_zh, window_days: 7, active: true }
}
const REFUND = cause('退款一直没到', 'Refund not received', '原路退回')

describe('readings', () => {
  it.each([
    ['退', 'tui'],
    ['款', 'kuan'],
    ['啊', 'a'],
    ['座', 'zuo'],
    ['旅', 'lv'],
    ['略', 'lve'],
    ['女', 'nv'],
    ['长', 'chang'],
    ['长', 'zhang'],
    ['还', 'hai'],
    ['瑕', 'xia'],
    ['貨', 'huo'],
    ['單', 'dan'],
  ])('%s is read %s', (character, reading) => expect(readings(character)).toContain(reading))

  it('has none for what is not Chinese', () => expect(readings('A')).toEqual([]))
})

describe('spells', () => {
  it.each([
    ['退款一直没到', 'tk', 0],
    ['退款一直没到', 'tuikuan', 0],
    ['退款一直没到', "tui'k", 0],
    ['退款一直没到', 'tuikuanyi', 0],
    ['退款一直没到', 'meidao', 4],
    ['退款一直没到', 'tm', -1],
    ['退款一直没到', 'kt', -1],
    ['找不到人', 'zhbd', 0],
    ['找不到人', 'zbd', 0],
    ['网站或APP出错', 'appcc', 3],
    ['会员或积分没给到位', 'hyhjf', 0],
    ['東西送得太慢', 'dongxisong', 0],
    ['绿色', 'lvse', 0],
  ])('%s by %s', (text, letters, at) => expect(spells(text, letters, readings)).toBe(at))
})

describe('fits', () => {
  it('ranks the beginning of the label first, then its pinyin, then what is inside', () => {
    const ranks = ['退款', 'refund', 'tk', '没到', 'meidao', 'received', 'a.b', '原路'].map((typed) => fits(REFUND, typed, readings))
    expect(ranks).toEqual([...ranks].sort((a, b) => b - a))
    expect(ranks.every((rank) => rank > 0)).toBe(true)
  })

  it.each(['xyz', '发票', 'tkx'])('does not fit %s', (typed) => expect(fits(REFUND, typed, readings)).toBe(0))

  it('goes by words alone while the readings are not there', () => {
    expect(fits(REFUND, 'tk', undefined)).toBe(0)
    expect(fits(REFUND, '退', undefined)).toBeGreaterThan(0)
  })

  it('takes every cause while nothing is typed', () => expect(fits(REFUND, '  ', readings)).toBe(1))
})
