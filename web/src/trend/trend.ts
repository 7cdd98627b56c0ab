/** One series over time: what is asked for, how its values are said, and what is marked in its chart. */

import type { Query } from '../api'
import { perX } from '../denominators'
import type { Control, Mark, Point, Week } from '../charts/points'
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

export interface Chart {
  metric: string
  unit: string
  better: 'lower' | 'higher'
  begin: string | null
  segments: Segment[]
  seams: { week: string; taxonomy: number; causes: string[]; departments: string[]; what: string }[]
  weeks: Point[]
  running: Week | null
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

/** Seams that cut this series, baselines begun again, and projects on the cause. */
export function marksOf(chart: Chart, scope: Scope, projects: readonly Project[]): Mark[] {
  const touched = (seam: Chart['seams'][number]) => (scope.cause ? seam.causes.includes(scope.cause) : scope.department ? seam.departments.includes(scope.department) : true)
  const shown = new Set([...chart.weeks.map((one) => one.week), chart.running?.week])
  return [
    ...chart.seams.filter(touched).map((seam): Mark => ({ week: seam.week, text: t('seam', { n: seam.taxonomy }), kind: 'seam' })),
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
