import { describe, expect, it, vi } from 'vitest'
import { Refused } from '../src/api'
import { inside, once } from '../src/log/earlier'
import { remembered, type Weekly } from '../src/log/weekly'

const DAY = 86_400_000
const answer = (cause: string): Weekly => ({ cause, week: '2026-W47', contacts: 3, people: 2, project: null })

describe('earlier contacts', () => {
  it('are counted inside the window', () => {
    const at = (days: number) => ({ id: `${days}`, time: new Date(1e12 - days * DAY).toISOString(), causes: [], text: '', case: '', channel: '', analysis: null })
    expect(inside([at(0), at(6.9), at(7), at(8)], 7, 1e12)).toBe(2)
    expect(inside([at(0), at(6.9), at(7), at(8)], 30, 1e12)).toBe(4)
  })

  it('stand once in a list, where they came first', () => {
    expect(once([{ id: 'a' }], [{ id: 'b' }, { id: 'a' }], []).map((one) => one.id)).toEqual(['a', 'b'])
  })
})

describe('what a cause met this week', () => {
  it('is asked for once a cause, and again after five minutes', async () => {
    let now = 0
    const ask = vi.fn(async (cause: string) => answer(cause))
    const weekly = remembered(ask, () => now)
    await Promise.all([weekly('a'), weekly('a'), weekly('b')])
    expect(ask).toHaveBeenCalledTimes(2)
    now = 5 * 60_000
    expect(await weekly('a')).toEqual(answer('a'))
    expect(ask).toHaveBeenCalledTimes(3)
  })

  it('is left out when the service refuses', async () => {
    const weekly = remembered(() => Promise.reject(new Refused(404, { code: '', zh: '', en: '', where: '' })))
    expect(await weekly('a')).toBeUndefined()
  })
})
