/** Improvement projects as the service tells them, and what follows from that alone. */

import { leads } from '../reach'
import type { Role } from '../session'
import type { Word } from '../verdicts'

export interface Plan {
  metric: string
  cause: string
  segment: string
  denominator: string
  direction: 'down' | 'up' | null
  minimum_effect: number
  expected_effect: number
  weeks_before: number
  weeks_after: number
  wash_in_weeks: number
  control_causes: string[]
  siblings: string[]
  window_days: number | null
  starts: string
}

export type State = 'proposed' | 'accepted' | 'live' | 'reopened' | 'ended'
export type Order = 'accept' | 'start' | 'end'
export type Both = { zh: string; en: string }
type Ends = [low: number, high: number]

export interface Event {
  at: string
  name: string
  actor: string
  data: Record<string, unknown>
}

export interface Project {
  id: string
  version: number
  title: string
  hypothesis: string
  owner: string
  department: string
  reach: number
  plan: Plan
  seal: string
  state: State
  created: string
  started: string | null
  ended: string | null
  from_voice: string
  looked: number
  look_at: string | null
  history: Event[]
}

export interface Displacement {
  avoided: number
  gained: number
  share: number
  moved: boolean
  total: { rate_ratio: number; ci: Ends } | null
  siblings: Record<string, { rate_ratio: number; ci: Ends; gained: number; rose: boolean }>
}

export interface Brief {
  word: Word | null
  reason: (Both & { code: string }) | null
  mean_ratio: number | null
  mean_ci: Ends | null
  power: number | null
  power_date: string | null
  n_before: number | null
  n_after: number | null
  displacement: Displacement | null
}

export interface Look extends Brief {
  look: {
    weeks: number
    week: string
    at: string
    relapsed: boolean
    stamp_matches: boolean
    recent: { word: Word; reason: Both; mean_ratio?: number | null } | null
  }
}

export interface LinePoint {
  time: string
  count: number
  expected: number
  low: number
  high: number
}

export interface Live extends Brief {
  line: LinePoint[] | null
  avoided: [estimate: number, low: number, high: number] | null
  as_of: string | null
  left_out: (Both & { week: string; why: string })[]
  notes: (Both & { code: string })[]
  stamp: string
  stamp_matches: boolean
}

export interface Foretold {
  effect: number
  power: number
  weeks_needed: number | null
  power_date: string | null
}

export interface Outlook extends Both {
  code: 'few_before' | 'not_known' | 'never' | 'too_short' | 'enough'
  weeks_before: number
  weeks_left_out: number
  a_week: number | null
  minimum: Foretold | null
  expected: Foretold | null
}

export type VerdictState = 'not_started' | 'waiting_to_start' | 'washing_in' | 'not_enough_data_yet' | 'due' | 'judged'

export interface Standing extends Brief {
  state: VerdictState
  weeks: number
  weeks_needed: number
  due: string
  look?: Look['look']
}

export interface Row {
  project: Project
  verdict: Standing
}

export interface Scheduled {
  weeks: number
  week: string
  due: string
  taken: boolean
}

export interface View {
  project: Project
  verdict: Standing & { looks: Look[]; live?: Live; outlook?: Outlook }
  schedule: Scheduled[]
}

/** Orders that the state allows, in the order they are usually given. */
export const ORDERS: Record<State, Order[]> = {
  proposed: ['accept', 'end'],
  accepted: ['start', 'end'],
  live: ['end'],
  reopened: ['end'],
  ended: [],
}

interface Person {
  role: Role
  departments: string[]
}

/** What somebody may order now. Executives accept and start by a decision of the cycle; ending is the department's. */
export function ordersOf(project: Project, person: Person | undefined): Order[] {
  const possible = ORDERS[project.state]
  if (leads(person, project.department)) return possible
  return person?.role === 'executive' ? possible.filter((order) => order !== 'end') : []
}

/** Until the start the plan can be changed, by its department. */
export function mayReplan(project: Project, person: Person | undefined): boolean {
  return !project.started && leads(person, project.department)
}

/** When the power reaches 80 %: as the verdict says, else as was foretold when the project was accepted. */
export function powerDate(row: Row): { week: string; foretold: boolean } | undefined {
  if (row.verdict.power_date) return { week: row.verdict.power_date, foretold: false }
  if (row.verdict.state === 'judged') return undefined
  const accepted = row.project.history.findLast((event) => event.name === 'ProjectAccepted')
  const minimum = accepted?.data.minimum as Foretold | undefined
  return minimum?.power_date ? { week: minimum.power_date, foretold: true } : undefined
}

/** A sign beside a verdict's word, so that colour is never alone; "" where nobody has to act. */
export function signal(word: Word | null): '' | 'bad' | 'warn' {
  if (word === 'WORSENED') return 'bad'
  return word === 'MOVED' || word === 'NOT_SEPARABLE' ? 'warn' : ''
}

/** The rank in a list: what has to be done first. */
const RANK: Record<State, number> = { reopened: 0, proposed: 1, accepted: 2, live: 3, ended: 4 }

export function ordered(rows: Row[]): Row[] {
  return [...rows].sort((a, b) => RANK[a.project.state] - RANK[b.project.state])
}

const FIELDS: (keyof Plan)[] = [
  'metric', 'cause', 'segment', 'denominator', 'direction', 'minimum_effect', 'expected_effect', 'weeks_before',
  'weeks_after', 'wash_in_weeks', 'control_causes', 'siblings', 'window_days', 'starts',
]

/** The fields in which two plans differ. */
export function differing(one: Plan, other: Plan): (keyof Plan)[] {
  const plain = (plan: Plan, name: keyof Plan) =>
    name === 'starts' ? String(Date.parse(plan.starts)) : JSON.stringify(plan[name] ?? '')
  return FIELDS.filter((name) => plain(one, name) !== plain(other, name))
}
