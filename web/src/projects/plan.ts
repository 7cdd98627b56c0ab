/** A plan as it is typed, and the plan that is sent. */

import type { Plan } from './project'

export interface PlanForm {
  metric: string
  cause: string
  segment: string
  minimum: number | string
  expected: number | string
  before: number | string
  after: number | string
  washIn: number | string
  controls: string[]
  siblings: string[]
  /** The day, 2026-12-07, in the company's time. */
  starts: string
}

export const METRICS = ['cpx', 'repeat_rate', 'fcr']
const DAY = 86_400_000
const AHEAD = 8 * 3_600_000

/** The next Monday in Shanghai: a start inside a week costs that week. */
export function nextMonday(now: number): string {
  const local = new Date(now + AHEAD)
  const days = ((8 - local.getUTCDay()) % 7) || 7
  return new Date(local.getTime() + days * DAY).toISOString().slice(0, 10)
}

export function emptyForm(now: number, cause = ''): PlanForm {
  return {
    metric: 'cpx', cause, segment: '', minimum: 10, expected: 30, before: 26, after: 8, washIn: 1,
    controls: [], siblings: [], starts: nextMonday(now),
  }
}

/** The day of a moment in the company's time. */
export function dayOf(iso: string): string {
  return new Date(Date.parse(iso) + AHEAD).toISOString().slice(0, 10)
}

export function formOf(plan: Plan): PlanForm {
  return {
    metric: plan.metric,
    cause: plan.cause,
    segment: plan.segment,
    minimum: percent(plan.minimum_effect),
    expected: percent(plan.expected_effect),
    before: plan.weeks_before,
    after: plan.weeks_after,
    washIn: plan.wash_in_weeks,
    controls: [...plan.control_causes],
    siblings: [...plan.siblings],
    starts: dayOf(plan.starts),
  }
}

const percent = (share: number) => Number((share * 100).toFixed(4))

export type Field = keyof PlanForm
const RANGES: [field: Field, low: number, high: number][] = [
  ['minimum', 0.1, 99], ['expected', 0.1, 100], ['before', 12, 104], ['after', 8, 104], ['washIn', 0, 12],
]

/** What keeps the form from being sent: field -> the range it has to be in, or [] where something is missing. */
export function faults(form: PlanForm): Partial<Record<Field, [number, number] | []>> {
  const found: Partial<Record<Field, [number, number] | []>> = {}
  if (!form.cause) found.cause = []
  if (!/^\d{4}-\d{2}-\d{2}$/.test(form.starts)) found.starts = []
  for (const [field, low, high] of RANGES) {
    const value = form[field] === '' ? NaN : Number(form[field])
    const whole = field === 'minimum' || field === 'expected' || Number.isInteger(value)
    if (!(value >= low && value <= high && whole)) found[field] = [low, high]
  }
  return found
}

/** The plan that is sent: what follows from cause and metric is left to the service. A plan that is changed keeps the
 * moment of its start where the day is the same. */
export function planOf(form: PlanForm, before?: Plan): Record<string, unknown> {
  const same = before && dayOf(before.starts) === form.starts
  return {
    metric: form.metric,
    cause: form.cause,
    ...(form.segment.trim() ? { segment: form.segment.trim() } : {}),
    minimum_effect: Number(form.minimum) / 100,
    expected_effect: Number(form.expected) / 100,
    weeks_before: Number(form.before),
    weeks_after: Number(form.after),
    wash_in_weeks: Number(form.washIn),
    control_causes: form.controls,
    siblings: form.siblings,
    ...(before?.window_days && before.cause === form.cause ? { window_days: before.window_days } : {}),
    starts: same ? before.starts : `${form.starts}T00:00:00+08:00`,
  }
}
