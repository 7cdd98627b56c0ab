/** Settings that are plain numbers, switches and roles, as they are typed. */

import type { Settings } from './settings'

export const GROUPS = {
  people: ['originals', 'review_daily', 'blind_daily'],
  work: ['callback_attempts', 'ledger_days', 'max_tries'],
  learning: ['learn_nightly', 'models_kept', 'models_days'],
  counts: ['missing_share', 'missing_least'],
} as const
export type Group = keyof typeof GROUPS
export type Name = (typeof GROUPS)[Group][number]
export const NAMES: Name[] = Object.values(GROUPS).flat()

/** Who may be let at unmasked words at all. */
export const READERS = ['agent', 'lead', 'admin'] as const

export interface Range {
  default: unknown
  low: number | null
  high: number | null
}

export type Ranges = Record<string, Range>
export type Rules = Pick<Settings, Name>
/** Numbers as text, so that nothing is lost while typing. */
export type Draft = { [N in Name]: Settings[N] extends number ? string : Settings[N] }

/** A share is stored as a fraction and typed in percent. */
const PERCENT: Name[] = ['missing_share']
const shown = (name: Name, value: number) => String(PERCENT.includes(name) ? Math.round(value * 1e6) / 1e4 : value)
const stored = (name: Name, text: string) => (PERCENT.includes(name) ? Math.round(Number(text) * 1e4) / 1e6 : Number(text))

export function draftOf(settings: Rules): Draft {
  const made = NAMES.map((name) => [name, typeof settings[name] === 'number' ? shown(name, settings[name]) : settings[name]])
  return Object.fromEntries(made) as Draft
}

/** Lowest, highest ("" for none) and default as they are typed. */
export function limits(name: Name, range: Range): { low: string; high: string; usual: string } {
  const number = (value: unknown) => (typeof value === 'number' ? shown(name, value) : '')
  return { low: number(range.low), high: number(range.high), usual: number(range.default) }
}

export function wrong(name: Name, text: unknown, range: Range): boolean {
  if (typeof text !== 'string') return false
  if (!(PERCENT.includes(name) ? /^\d{1,3}(\.\d{1,4})?$/ : /^\d{1,6}$/).test(text.trim())) return true
  const value = stored(name, text)
  return (range.low !== null && value < range.low) || (range.high !== null && value > range.high)
}

const flat = (value: unknown) => String(Array.isArray(value) ? [...value].sort() : value)

/** What was typed over what is in force now: where nothing was typed somebody else's change stays. */
export function rebased(draft: Draft, before: Rules, now: Rules): Draft {
  const typed = Object.keys(changes(draft, before)).map((name) => [name, draft[name as Name]])
  return { ...draftOf(now), ...Object.fromEntries(typed) } as Draft
}

/** Only what differs from what is in force. */
export function changes(draft: Draft, settings: Rules): Partial<Rules> {
  const now = draftOf(settings)
  const differing = NAMES.filter((name) => flat(draft[name]) !== flat(now[name]))
  return Object.fromEntries(differing.map((name) => [name, typeof draft[name] === 'string' ? stored(name, draft[name].trim()) : draft[name]]))
}
