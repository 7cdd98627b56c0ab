/** Promises as the service tells them, and how their countdown is said. */

import { get, post } from '../api'
import { left } from './due'
import { t } from './words'

export type PromiseState = 'open' | 'kept' | 'late' | 'broken' | 'void'

export interface Given {
  promise: {
    id: string
    version: number
    by: string
    what: string
    due: string
    created: string
    customer: string
    state: PromiseState
    settled: string | null
    settled_by: string
    note: string
  }
  contact: { id: string; time: string; text: string; causes: string[]; case: string; channel: string; order: string } | null
  /** The customer, mostly hidden. */
  shown: string
}

export type Which = { mine?: boolean; settled?: boolean; customer?: string; limit?: number }

export async function promises(which: Which): Promise<Given[]> {
  return (await get<{ promises: Given[] }>('/promises', which)).promises
}

export function settle(given: Given, outcome: 'kept' | 'broken', note = ''): Promise<unknown> {
  return post(`/promises/${encodeURIComponent(given.promise.id)}/settle`, { outcome, note, version: given.promise.version })
}

/** "还有 3 小时 20 分", "已过 2 天": two units at most. */
export function countdown(due: string, now: number): { text: string; late: boolean } {
  const { late, days, hours, minutes } = left(due, now)
  const parts: string[] = []
  if (days) parts.push(t('days', { n: days }))
  if (hours) parts.push(t('hours', { n: hours }))
  if (!days && (minutes || !hours)) parts.push(t('minutes', { n: Math.max(1, minutes) }))
  return { text: t(late ? 'over' : 'left', { span: parts.join(' ') }), late }
}
