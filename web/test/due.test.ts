import { describe, expect, it } from 'vitest'
import { left, momentOf, quick, wall } from '../src/promises/due'
import { countdown } from '../src/promises/promise'

const TEN = Date.parse('2026-11-18T10:10:00+08:00')

describe('wall time of Shanghai', () => {
  it('is the same there and back', () => {
    expect(wall(TEN)).toBe('2026-11-18T10:10')
    expect(momentOf('2026-11-18T10:10')).toBe(TEN)
  })

  it.each(['', '2026-11-18', 'tomorrow', '2026-11-18T10:10:00Z'])('is none in %j', (text) => expect(momentOf(text)).toBeNaN())
})

describe('quick', () => {
  it('offers what lies ahead, the nearest first', () => {
    expect(quick(TEN)).toEqual([
      { key: 'inTwoHours', due: '2026-11-18T12:30' },
      { key: 'today', due: '2026-11-18T18:00' },
      { key: 'tomorrowNoon', due: '2026-11-19T12:00' },
      { key: 'tomorrow', due: '2026-11-19T18:00' },
      { key: 'inThreeDays', due: '2026-11-21T18:00' },
    ])
  })

  it.each([
    ['2026-11-18T10:10', 'inTwoHours', '2026-11-18T12:30'],
    ['2026-11-18T16:10', 'today', '2026-11-18T18:00'],
    ['2026-11-18T22:10', 'atOpening', '2026-11-19T09:00'],
    ['2026-11-19T05:10', 'atOpening', '2026-11-19T09:00'],
    ['2026-11-20T17:10', 'today', '2026-11-20T18:00'],
  ])('at %s offers first %s when somebody works', (at, key, due) => {
    expect(quick(momentOf(at), { hours: '09:00-18:00', days: ['2026-11-18', '2026-11-19', '2026-11-20', '2026-11-23'] })[0]).toEqual({ key, due })
  })

  it('offers Monday morning instead of Friday night', () => {
    expect(quick(momentOf('2026-11-20T20:10'), { hours: '09:00-18:00', days: ['2026-11-20', '2026-11-23'] })).toContainEqual({ key: 'atOpening', due: '2026-11-23T09:00' })
  })

  it('does not offer an evening that is over', () => {
    expect(quick(Date.parse('2026-11-18T17:45:00+08:00')).map((one) => one.key)).not.toContain('today')
  })

  it('knows the day in Shanghai late in the evening of UTC', () => {
    const one = quick(Date.parse('2026-11-18T23:00:00Z')).find(({ key }) => key === 'tomorrow')
    expect(one?.due).toBe('2026-11-20T18:00')
  })
})

describe('countdown', () => {
  it.each([
    ['2026-11-18T13:30:00+08:00', '还有 3 小时 20 分', false],
    ['2026-11-20T11:10:00+08:00', '还有 2 天 1 小时', false],
    ['2026-11-18T10:10:20+08:00', '还有 1 分', false],
    ['2026-11-18T10:05:00+08:00', '已过 5 分', true],
    ['2026-11-17T10:10:00+08:00', '已过 1 天', true],
  ])('%s', (due, text, late) => expect(countdown(due, TEN)).toEqual({ text, late }))

  it('counts whole units', () => {
    expect(left('2026-11-19T11:40:00+08:00', TEN)).toEqual({ late: false, days: 1, hours: 1, minutes: 30 })
  })
})
