/** Weeks as the service tells them, and how their signals are said. */

import { t } from './words'

export type Signal = 'outside' | 'side' | 'trend' | 'near'
export type Pair = readonly [low: number, high: number]

/** A week as the service tells it. */
export interface Week {
  week: string
  state: string
  value: number | null
  low?: number | null
  high?: number | null
  n: number
  count: number
}

/** A finished week with its place in the chart. */
export interface Point extends Week {
  mean: number | null
  limits: Pair | null
  signals: Signal[]
  side: string | null
  baseline?: boolean
}

/** Something that happened in a week: a seam of the taxonomy, a project that went live, a baseline begun again. */
export interface Mark {
  week: string
  text: string
  /** Where there is room. */
  long?: string
  kind: 'seam' | 'project' | 'rebase'
}

/** A second line beside the values, such as them put right for label error, by week. */
export interface Beside {
  name: string
  weeks: ReadonlyMap<string, Pick<Week, 'state' | 'value' | 'low' | 'high'>>
}

export interface Control {
  points: Point[]
  running?: Week | null
  marks?: Mark[]
  beside?: Beside | undefined
  show: (value: number | null) => string
  /** How much one of what is shown is: 60 for hours of minutes. Axes are round in it, files are in it. */
  one?: number
  /** What values are counted in, and what they are divided by: for the file's headings. */
  unit?: string
  base?: string
  /** What is counted in a week, where it is not its contacts: then the week leads to them, not the count. */
  counts?: string
  /** What is behind a week. */
  to?: (week: string) => string | undefined
}

export const RUNS: Signal[] = ['side', 'trend', 'near']

/** How a point is marked: beyond a limit outweighs a run. */
export function markOf(signals: readonly Signal[]): 'outside' | 'run' | '' {
  if (signals.includes('outside')) return 'outside'
  return RUNS.some((one) => signals.includes(one)) ? 'run' : ''
}

export function signalWords(signals: readonly Signal[]): string {
  return signals.map((one) => t(one)).join(' · ')
}

/** Why a week has no value, else the value. */
export function shown(week: Week, show: Control['show']): string {
  return week.value === null ? t(week.state as 'no_denominator') : show(week.value)
}
