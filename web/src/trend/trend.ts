/** One series over time: what is asked for, how its values are said, and what is marked in its chart. */

import type { Query } from '../api'
import { perX, xName } from '../denominators'
import type { Control, Mark, Point, Week } from '../charts/points'
import { seamMarks, type Seam } from '../charts/seams'
import { weekOf } from '../weeks'
import { count, ratio, share, yuan } from '../figures'
import { causeLabel, departmentName, taxonomy } from '../taxonomy'
import { worded } from '../ui'
import { t } from './words'

export interface Scope {
  metric: string
  cause: string
  department: string
  segment: string
}

export interface Metric {
  id: string
  zh: string
  en: string
  unit: string
  definition_zh: string
  scopes: string[]
}

export interface Segment {
  first: string
  last: string
  baseline_last: string
  baseline_points: number
  locked: boolean
  why: 'start' | 'rebase' | 'seam'
  reason: string
  mean: number | null
}

/** A new version of the taxonomy, or (`what` is `tagger`) another version of the tagger that began to read. */
export interface Chart {
  metric: string
  unit: string
  better: 'lower' | 'higher'
  begin: string | null
  segments: Segment[]
  seams: Seam[]
  weeks: Point[]
  running: Week | null
}

/** How sure the labels of a cause are, by second looks. */
export interface LabelError {
  looks: number
  with_cause: number
  missing_with_cause: number
  missing_without_cause: number
  sensitivity: Share
  specificity: Share
}

export type Share = Pick<Week, 'value' | 'low' | 'high'>

/** GET /trend, corrected: the same weeks, each with the rate put right for label error. */
export interface Corrected {
  weeks: { week: string; corrected: Pick<Week, 'state' | 'value' | 'low' | 'high'> }[]
  label_error: LabelError
}

/** Contacts per X of one cause can be put right; nothing else. */
export const correctable = (scope: Scope) => scope.metric === 'cpx' && scope.cause !== ''

/** How far the second looks go: enough to correct, or how many are still missing. */
export function correctedSaid({ label_error: error, weeks }: Corrected): string {
  const [have, lack] = [error.missing_with_cause, error.missing_without_cause]
  if (have || lack) return t('correctedLacks', { n: count(error.looks), have, lack })
  if (!weeks.some((one) => one.corrected.value !== null)) return t('correctedNone')
  return t('correctedSaid', { n: count(error.looks), found: share(error.sensitivity.value), spared: share(error.specificity.value) })
}

export interface Act {
  week: string
  what: 'rebase' | 'revoke'
  reason: string
  by: string
  at: string
}

export interface Baseline {
  baseline: Scope & { acts: Act[] }
  in_force: Record<string, string>
}

export interface Project {
  project: { id: string; title: string; state: string; started: string | null; plan: { cause: string; starts: string } }
}

/** What an address asks for; without anything it is all contacts. */
export function scopeOf(query: Record<string, unknown>): Scope {
  const text = (name: string) => (typeof query[name] === 'string' ? query[name] : '')
  return { metric: text('metric') || 'cpx', cause: text('cause'), department: text('cause') ? '' : text('department'), segment: text('segment') }
}

export function sameScope(a: Scope, b: Scope): boolean {
  return a.metric === b.metric && a.cause === b.cause && a.department === b.department && a.segment === b.segment
}

/** The name of what is looked at. */
export function scopeName(scope: Scope): string {
  const name = scope.cause ? causeLabel(scope.cause) : scope.department ? departmentName(scope.department) : t('allContacts')
  return scope.segment ? `${name} · ${scope.segment}` : name
}

/** The metric in words, with its own X where it has one. */
export function metricName(metric: Metric | undefined, scope: Scope): string {
  if (scope.metric === 'cpx') return t('cpxName', { per: perX(denominatorOf(scope)) })
  return metric ? worded([metric.zh, metric.en]) : scope.metric
}

function denominatorOf(scope: Scope): string {
  return taxonomy.value.causes.find((one) => one.code === scope.cause)?.denominator ?? 'orders'
}

const SHOW: Record<string, (value: number | null) => string> = {
  per_1000: (value) => ratio(value, value !== null && Math.abs(value) >= 100 ? 1 : 2),
  share: (value) => share(value),
  minutes: (value) => (value === null ? ratio(null) : t('hours', { n: (value / 60).toFixed(1) })),
  fen: (value) => yuan(value),
}

/** Minutes are shown as hours, fen as yuan. */
export const ONE: Record<string, number> = { minutes: 60, fen: 100 }

export function showOf(unit: string): Control['show'] {
  return SHOW[unit] ?? ((value) => count(value))
}

/** What a file's columns are counted in. Of other metrics than contacts per X not contacts are counted but what has the
 * property, among all that could have it. */
export function unitOf(unit: string, scope: Scope): Pick<Control, 'unit' | 'base' | 'counts'> {
  const units: Record<string, string> = { per_1000: perX(denominatorOf(scope)), share: t('partUnit'), minutes: t('hoursUnit'), fen: t('yuanUnit') }
  const named = units[unit] ? { unit: units[unit] } : {}
  return scope.metric === 'cpx' ? { ...named, base: xName(denominatorOf(scope)) } : { ...named, counts: t('counted') }
}

/** Seams that cut this series, baselines begun again, and projects on the cause. */
export function marksOf(chart: Chart, scope: Scope, projects: readonly Project[]): Mark[] {
  const shown = new Set([...chart.weeks.map((one) => one.week), chart.running?.week])
  return [
    ...seamMarks(chart.seams, scope),
    ...chart.segments.filter((one) => one.why === 'rebase').map((one): Mark => ({ week: one.first, text: t('rebased'), kind: 'rebase' })),
    ...projects
      .filter(({ project }) => project.started && scope.cause && project.plan.cause === scope.cause)
      .map(({ project }): Mark => ({ week: weekOf(project.plan.starts), text: project.id, long: `${project.id} ${project.title}`, kind: 'project' })),
  ].filter((mark) => shown.has(mark.week))
}

/** The contacts behind weeks of a series. */
export function behind(scope: Scope, first: string, last: string): Query {
  return { first, last, cause: scope.cause, department: scope.department, segment: scope.segment }
}

/** Whether a metric is counted for such a scope. */
export function fits(metric: Metric, scope: Scope): boolean {
  return metric.scopes.includes(scope.cause ? 'cause' : scope.department ? 'department' : 'all')
}
