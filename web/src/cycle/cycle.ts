/** A review cycle as the service tells it, and what may be decided in it. */

import { count, ratio, share, UNKNOWN, yuan } from '../figures'
import { personName } from '../people'
import type { Session } from '../session'
import { causeLabel, departmentName, taxonomy } from '../taxonomy'
import { worded, type Pair } from '../ui'
import { endOf, shift } from '../weeks'
import { CODES, RESULTS, STATES, t } from './words'

/** What can be decided here. */
export type What = 'start_project' | 'accept_proposal' | 'rebase' | 'snooze' | 'other'
/** What is recorded, also of decisions that are taken on other pages. */
export type Recorded = What | 'merge_proposal' | 'refuse_proposal' | 'reshape'
export const PARTS = ['focus', 'alarms', 'verdicts', 'proposals', 'projects', 'cases', 'tasks', 'andons', 'gaps'] as const
type Figure = number | string | null

export interface Item {
  part: string
  code: string
  label: string
  department: string
  numbers: Record<string, Figure>
  since: string
}

export interface Decision {
  id: string
  what: Recorded
  about: string
  reason: string
  by: string
  at: string
  department: string
  result: string
  made: string
  until: string
}

export interface Outcome {
  decision: Decision
  state: string
  detail: string
}

export interface Cycle {
  week: string
  state: 'open' | 'closed'
  opened: string
  closed: string | null
  closed_by: string
  missed: boolean
  prepared: string | null
  agenda: Item[]
  left_out: Record<string, number>
  snoozed: Record<string, number>
  decisions: Decision[]
  outcomes: Outcome[]
  names: Record<string, string>
}

const LAPSED = 'system'
const CAUSES = ['focus', 'alarms']
const FOCUS_WEEKS = 4
/** Weeks that an alarm compares with the usual. */
const COMPARED = 3

export const idOf = (item: Item) => `${item.part}/${item.code}`
const tail = (about: string) => about.slice(about.lastIndexOf('/') + 1)

/** What was decided about a row: by its id, its code, or what that made. */
export function decisionsOn(cycle: Pick<Cycle, 'decisions'>, item: Pick<Item, 'part' | 'code'>): Decision[] {
  return cycle.decisions.filter((one) => [one.about, one.made].some((name) => name === item.code || name === `${item.part}/${item.code}`))
}

/** How many decisions about it were seen, counted as the service counts them. */
export function seenOn(cycle: Pick<Cycle, 'decisions'>, about: string): number {
  return cycle.decisions.filter((one) => [tail(one.about), one.made].includes(tail(about))).length
}

export function undecided(cycle: Cycle): Item[] {
  return cycle.agenda.filter((item) => !decisionsOn(cycle, item).length)
}

/** The decisions that a row allows, the most useful first. */
export function choices(cycle: Cycle, item: Item): What[] {
  const accepted = decisionsOn(cycle, item).some((one) => one.result === 'project_accepted')
  const first: Partial<Record<string, What[]>> = {
    focus: ['start_project'],
    alarms: ['start_project', 'rebase'],
    proposals: ['accept_proposal'],
    projects: [item.numbers.state === 'proposed' && !accepted ? 'accept_proposal' : 'start_project'],
  }
  return [...(first[item.part] ?? []), 'snooze', 'other']
}

/** What a decision names: the thing itself, but only the row when that is put off or has no name of its own. */
export function aboutOf(item: Item, what: What): string {
  const own = [...CAUSES, 'verdicts', 'proposals', 'projects'].includes(item.part)
  return what === 'snooze' || !own ? idOf(item) : item.code
}

type Who = Pick<Session, 'role' | 'departments'> | undefined

export function leadsAll(who: Who): boolean {
  return who?.role === 'executive' || who?.role === 'admin'
}

export function mayDecide(cycle: Cycle, item: Item | undefined, who: Who): boolean {
  if (cycle.state === 'closed' || !who) return false
  return leadsAll(who) || (who.role === 'lead' && (!item || who.departments.includes(item.department)))
}

/** What a row or a decision is about, in words. */
export function nameOf(cycle: Cycle, about: string): string {
  const code = tail(about)
  const item = cycle.agenda.find((one) => idOf(one) === about) ?? cycle.agenda.find((one) => one.code === code)
  return item ? itemName(item) : known(code) || cycle.names[code] || about
}

export function itemName(item: Item): string {
  if (item.part === 'gaps') return t(`channel_${item.code}` as 'channel_phone')
  if (CAUSES.includes(item.part)) return known(item.code) || item.label
  return item.part === 'cases' || item.part === 'tasks' ? departmentName(item.code) : item.label
}

function known(code: string): string {
  if (taxonomy.value.causes.some((one) => one.code === code)) return causeLabel(code)
  return taxonomy.value.departments.some((one) => one.code === code) ? departmentName(code) : ''
}

/** The page that shows more of a row; whether there is one is up to the router. */
export function linkOf(item: Item, week: string): string {
  const from = { focus: [shift(week, -FOCUS_WEEKS), shift(week, -1)], alarms: [shift(String(item.numbers.week), 1 - COMPARED), String(item.numbers.week)] }
  const span = from[item.part as 'focus' | 'alarms']
  if (span) return `/contacts?cause=${encodeURIComponent(item.code)}&first=${span[0]}&last=${span[1]}`
  const paths: Record<string, string> = {
    verdicts: `/projects/${item.code}`,
    projects: `/projects/${item.code}`,
    proposals: `/proposals/${item.code}`,
    cases: `/queue?department=${item.code}`,
    tasks: `/queue?department=${item.code}`,
    andons: `/andons/${item.code}`,
    gaps: '/completeness',
  }
  return paths[item.part] ?? ''
}

export function columns(items: Item[]): string[] {
  return [...new Set(items.flatMap((item) => Object.keys(item.numbers)))].filter((name) => name !== 'at_least')
}

export const isText = (name: string) => ['cause', 'state', 'word', 'week', 'found', 'oldest', 'raised', 'due', 'proposed', 'starts'].includes(name)

export function figure(item: Item, name: string): string {
  const value = item.numbers[name]
  if (value === null || value === undefined) return UNKNOWN
  if (typeof value === 'string') return CODES[value] ? worded(CODES[value]) : known(value) || value
  if (name === 'cost' || name === 'priority') return yuan(Math.round(value))
  if (name === 'reach') return share(value, 0)
  if (!Number.isInteger(value) || ['irritation', 'expected', 'ratio', 'ratio_usual'].includes(name)) return ratio(value)
  return item.numbers.at_least && name === 'overdue' ? t('atLeast', { n: count(value) }) : count(value)
}

const inWords = (table: Record<string, Pair>, code: string) => (table[code] ? worded(table[code]) : code)

export function resultOf(one: Decision): string {
  const made = one.made && one.made !== tail(one.about) ? ` ${known(one.made) || one.made}` : ''
  const until = one.until ? ` ${t('untilWeek', { week: one.until })}` : ''
  return inWords(RESULTS, one.result) + made + until
}

export function became(one: Outcome): string {
  const detail = one.detail.split(' ').filter(Boolean).map((word) => (CODES[word] ? worded(CODES[word]) : known(word) || word))
  return inWords(STATES, one.state) + (detail.length ? ` (${detail.join(' ')})` : '')
}

/** How a cycle stands, in one phrase. */
export function standing(cycle: Cycle, moment: (iso: string) => string): string {
  if (cycle.state === 'open') return t(cycle.prepared ? 'open' : 'openEarly')
  if (cycle.missed) return t('missed')
  if (cycle.closed_by !== LAPSED) {
    const early = cycle.closed !== null && Date.parse(cycle.closed) < endOf(cycle.week)
    return t(early ? 'closedEarly' : 'closedBy', { by: personName(cycle.closed_by), at: cycle.closed ? moment(cycle.closed) : UNKNOWN })
  }
  return t(cycle.decisions.length ? 'lapsed' : 'lapsedEmpty')
}

export function brief(cycle: Cycle): string {
  if (cycle.state === 'open') return t('open')
  return t(cycle.missed ? 'state_missed' : cycle.closed_by === LAPSED ? 'state_lapsed' : 'state_closed')
}

export function finding(cycle: Cycle): string {
  const open = undecided(cycle)
  const places = { open: open.length, carried: open.filter((item) => item.since).length, decided: cycle.decisions.length }
  if (cycle.state === 'closed') return t('findingClosed', places)
  if (!cycle.prepared) return t('findingEarly', places)
  return cycle.agenda.length ? t('finding', places) : t('findingEmpty', places)
}

/** Half a year, counted from this week even where the next cycle is open already. */
const SNOOZES = 25
export const USUAL_SNOOZE = 4

export function snoozeWeeks(week: string): string[] {
  return Array.from({ length: SNOOZES }, (_, n) => shift(week, n + 1))
}
