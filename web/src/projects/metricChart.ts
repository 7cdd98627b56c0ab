/** The control chart of a project's metric: what the service drew, with the project's own weeks marked. */

import type { Control, Mark, Point, Week } from '../charts/points'
import { ratio, share } from '../figures'
import type { Plan } from './project'
import { t } from './words'
import { shift, weekOf } from '../weeks'

export interface Chart {
  unit: string
  weeks: Point[]
  running: Week | null
  seams: { week: string; taxonomy: number; causes: string[] }[]
  segments: { first: string; locked: boolean; why: string; reason: string }[]
}

export interface Span {
  /** The week of the start, and the first week that counts. */
  start: string
  counts: string
  first: string
  last: string
}

/** The weeks around a project: those before it that are compared, and all since. */
export function spanOf(plan: Plan, now: number): Span {
  const start = weekOf(plan.starts)
  const monday = Date.parse(plan.starts) + 8 * 3_600_000
  const inside = new Date(monday).getUTCDay() !== 1 || monday % 86_400_000 !== 0
  const last = weekOf(now)
  const first = shift(start < last ? start : last, -plan.weeks_before)
  return { start, counts: shift(start, plan.wash_in_weeks + Number(inside)), first, last }
}

export function showOf(unit: string): (value: number | null) => string {
  return unit === 'share' ? (value) => share(value) : (value) => ratio(value, value !== null && Math.abs(value) < 10 ? 2 : 1)
}

/** Seams of the taxonomy that touch the cause, the start, and where the wash-in ends. */
export function marksOf(chart: Chart, plan: Plan, span: Span): Mark[] {
  const seams = chart.seams.filter((seam) => seam.causes.includes(plan.cause))
  const own: Mark[] = [{ week: span.start, text: t('startMark'), kind: 'project' }]
  if (span.counts > span.start) own.push({ week: span.counts, text: t('washEnd'), kind: 'rebase' })
  return [...seams.map((seam): Mark => ({ week: seam.week, text: t('seamMark', { n: seam.taxonomy }), kind: 'seam' })), ...own]
}

export function controlOf(chart: Chart, plan: Plan, span: Span, to: (week: string) => string): Control {
  return { points: chart.weeks, running: chart.running, marks: marksOf(chart, plan, span), show: showOf(chart.unit), to }
}
