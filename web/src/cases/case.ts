/** Cases as the service tells them, and their words. */

import { departmentName } from '../taxonomy'
import { moment } from '../ui'
import type { PromiseState } from '../promises/promise'
import type { Waited } from './queue'
import { t } from './words'

export type State = 'to_accept' | 'working' | 'unverified' | 'came_back' | 'verified' | 'withdrawn'
export const QUEUES: State[] = ['to_accept', 'came_back', 'working', 'unverified']

export interface Task {
  id: string
  department: string
  what: string
  asked_by: string
  opened: string
  due: string
  done: string | null
  done_by: string
}

export interface Event {
  at: string
  name: string
  actor: string
  data: Record<string, unknown>
}

export interface Case {
  id: string
  version: number
  cause: string
  department: string
  asked_department: string
  customer: string
  state: State
  severity: number
  contacts: number
  opened: string
  accept_due: string
  resolve_due: string
  verify_at: string | null
  reopened: number
  tasks: Task[]
  history: Event[]
}

export interface Callback {
  case: string
  round: number
  cause: string
  department: string
  customer: string
  created: string
  due: string
  state: 'to_call' | 'reached' | 'not_reached' | 'cancelled' | 'erased'
  attempts: number
  called: string | null
  says_resolved: boolean | null
  satisfaction: string | null
  contact: string
}

/** One to be called, with how the customer put it first. */
export interface ToCall extends Callback {
  quote: string
}

export interface View {
  case: Case
  waited_for: Waited[]
  callbacks: Callback[]
  day_minutes: number
}

export interface Promised {
  id: string
  by: string
  what: string
  due: string
  state: PromiseState
  settled: string | null
  settled_by: string
  note: string
}

export interface Said {
  contacts: Contact[]
  promises: Promised[]
}

export interface Contact {
  id: string
  time: string
  text: string
  channel: string
  case: string
}

/** When the clock that now runs ends; nothing runs once the department has done its part. */
export function dueOf(one: Case): string | undefined {
  if (one.state === 'to_accept' || one.state === 'came_back') return one.accept_due
  return one.state === 'working' ? one.resolve_due : undefined
}

const STEP_EVENTS = ['CaseOpened', 'CaseAccepted', 'CaseResolved', 'CaseCameBack', 'CustomerCalled', 'CaseVerified', 'CaseWithdrawn']

/** When each step was taken last, in that order. */
export function steps(one: Case): { name: string; at: string }[] {
  const last = new Map(one.history.filter((event) => STEP_EVENTS.includes(event.name)).map((event) => [event.name, event.at]))
  return Array.from(last, ([name, at]) => ({ name, at })).sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
}

const MINUTE = 60_000
const STEPS: [limit: number, unit: number, key: 'minutes' | 'hours' | 'days'][] = [
  [60 * MINUTE, MINUTE, 'minutes'],
  [48 * 60 * MINUTE, 60 * MINUTE, 'hours'],
  [Infinity, 24 * 60 * MINUTE, 'days'],
]

/** "3 小时后到期", "超时 2 天". */
export function clock(due: string, now: number): { text: string; late: boolean } {
  const left = Date.parse(due) - now
  const step = STEPS.find(([limit]) => Math.abs(left) < limit) ?? STEPS[2]!
  const amount = t(step[2], { n: Math.max(1, Math.round(Math.abs(left) / step[1])) })
  return { text: t(left < 0 ? 'lateBy' : 'dueIn', { amount }), late: left < 0 }
}

/** Business minutes as people say them: "40 分钟", "5 小时", "3 个工作日". */
export function span(minutes: number, dayMinutes: number): string {
  if (!minutes) return t('justNow')
  if (minutes < 60) return t('minutes', { n: minutes })
  if (minutes < 2 * dayMinutes) return t('hours', { n: Math.round(minutes / 60) })
  return t('workdays', { n: Math.round(minutes / dayMinutes) })
}

/** "物流部 · 接受 · 5 小时": who is waited for, for what, how long of working time; since when, while none has passed. */
export function waitedWords(one: Waited, dayMinutes: number, now = Date.now()): string {
  const what = one.for === 'accept' || one.for === 'resolve' ? t(`clock_${one.for}`) : one.what || t('task')
  const closed = !one.minutes && now - Date.parse(one.since) >= 60 * MINUTE
  const long = closed ? t('since', { at: moment(one.since) }) : span(one.minutes, dayMinutes)
  return [departmentName(one.department), what, long].join(' · ')
}
