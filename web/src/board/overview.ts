/** The executive page as the service tells it, and where its numbers lead. */

import { asked, type Query } from '../api'
import type { Point, Signal, Week } from '../charts/points'

export interface Value {
  state: string
  value: number | null
  low: number | null
  high: number | null
  n: number
  count: number
  unknown: number
  worst: number | null
  best: number | null
}

export interface Change {
  kind: 'alarm' | 'signal' | 'missing_contacts' | 'not_judged' | 'not_enough_data' | 'none'
  zh: string
  en: string
  cause?: string
  department?: string
  new?: boolean
  snoozed?: boolean
  signals?: Signal[]
  behind?: { cause: string; first: string; last: string }
}

export interface Seam {
  week: string
  taxonomy: number | null
  tagger?: number
  what: string
  causes: string[]
}

export interface Tower {
  cause: string
  label: string
  department: string
  contacts: number
  bars: Point[]
}

export interface HeatRow {
  department: string
  label: string
  cells: (Week & { signals: Signal[] })[]
}

export interface Scored {
  cause: string
  customer_value: number
  company_value: number
  departments: string[]
  quadrant: 'eliminate' | 'simplify' | 'automate' | 'leverage'
}

export interface Verdict {
  state: string
  word: string | null
  reason: { zh: string; en: string } | null
  rate_ratio: number | null
  ci: [number, number] | null
  power_date: string | null
  due: string | null
  look?: { relapsed: boolean }
}

export interface ProjectRow {
  project: { id: string; title: string; state: string; department: string; started: string | null; plan: { cause: string; metric: string; starts: string } }
  verdict: Verdict
}

export interface Health {
  projects: number
  steps: { from: string; to: string; days: Value }[]
  whole: { from: string; to: string; days: Value }
  top_causes_live: Value
}

export interface Completeness {
  days: number
  state: string
  channel_days: number
  not_reported: number
  reported: number
  missing: number
  share: number | null
  alarms: { channel: string; day: string; missing: number; share: number | null }[]
}

export interface Overview {
  week: string
  begin: string | null
  newest: string
  running: string
  changes: Change[]
  chart: { weeks: Point[]; running: Week | null; seams: Seam[] }
  skyline: { weeks: string[]; causes: Tower[]; left_out: number }
  matrix: Scored[]
  heat_map: { weeks: string[]; departments: HeatRow[] }
  projects: { projects: ProjectRow[]; more: boolean }
  three_rates: { first: string; last: string } & Record<RateName, Value>
  health: Health
  completeness: Completeness
}
export type RateName = 'response_rate' | 'resolution_rate' | 'satisfaction_rate'
export const RATES: RateName[] = ['response_rate', 'resolution_rate', 'satisfaction_rate']

/** What a cause weighs: GET /focus. */
export interface Rank {
  cause: string
  department: string
  contacts: number
  cost: number
  irritation: number
  reach: number
  share: number
  projects: string[]
}

export interface Ledger {
  month: string
  state: 'open' | 'closing' | 'closed'
  lines: { account: string; contacts: number; fen: number; disputed: number; late: number; reversed: number }[]
  total: { fen: number }
  check: { balanced: boolean }
}

export const contactsOf = (query: Query) => `/contacts${asked(query)}`
export const trendOf = (query: Query) => `/trend${asked(query)}`
