/** A plan and figures in words. */

import { xName } from '../denominators'
import { ratio, share } from '../figures'
import { causeLabel } from '../taxonomy'
import { language, listed, worded } from '../ui'
import { dayOf } from './plan'
import type { Plan } from './project'
import { INPUTS, METRIC_NAMES, t } from './words'

export interface Input {
  key: keyof Plan
  name: string
  value: string
  means: string
}

const ORDER: (keyof Plan)[] = [
  'cause', 'metric', 'denominator', 'direction', 'minimum_effect', 'expected_effect', 'starts', 'weeks_before',
  'wash_in_weeks', 'weeks_after', 'segment', 'window_days', 'control_causes', 'siblings',
]

export function metricName(id: string): string {
  const pair = METRIC_NAMES[id]
  return pair ? worded(pair) : id
}

/** 0.81 (0.74–0.90); undefined where there is none. */
export function interval(value: number | null | undefined, ends: readonly [number, number] | null | undefined): string | undefined {
  return value === null || value === undefined || !ends ? undefined : `${ratio(value)} (${ratio(ends[0])}–${ratio(ends[1])})`
}

/** Every input that is fixed, its value and what it means; what does not apply to the metric is left out. */
export function inputs(plan: Plan): Input[] {
  const shown = ORDER.filter((key) => key !== 'window_days' || plan.metric !== 'cpx')
  return shown.map((key) => ({ key, name: worded(INPUTS[key][0]), value: valueOf(plan, key), means: worded(INPUTS[key][1]) }))
}

export function inputName(key: keyof Plan): string {
  return worded(INPUTS[key][0])
}

/** 8 周, 8 weeks. */
export function weeks(n: number): string {
  return t(n === 1 ? 'oneWeek' : 'someWeeks', { n })
}

function valueOf(plan: Plan, key: keyof Plan): string {
  const en = language.value === 'en'
  const causes = (codes: string[]) => listed(codes.map(causeLabel)) || (en ? 'none' : '无')
  switch (key) {
    case 'cause': return causeLabel(plan.cause)
    case 'metric': return metricName(plan.metric)
    case 'segment': return plan.segment || (en ? 'all' : '全部')
    case 'denominator': return xName(plan.denominator)
    case 'direction': return plan.direction === 'up' ? (en ? 'up' : '上升') : en ? 'down' : '下降'
    case 'minimum_effect': return share(plan.minimum_effect, 0)
    case 'expected_effect': return share(plan.expected_effect, 0)
    case 'weeks_before': return weeks(plan.weeks_before)
    case 'weeks_after': return weeks(plan.weeks_after)
    case 'wash_in_weeks': return weeks(plan.wash_in_weeks)
    case 'control_causes': return causes(plan.control_causes)
    case 'siblings': return causes(plan.siblings)
    case 'window_days': return plan.window_days === null ? '—' : en ? `${plan.window_days} days` : `${plan.window_days} 天`
    case 'starts': return dayOf(plan.starts)
  }
}
