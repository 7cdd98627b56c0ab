/** Versions of the tagger and label quality as the service tells them. */

import { ratio, share } from '../figures'
import { t } from './wordsNumbers'

export interface Interval {
  value: number
  low: number
  high: number
}

export interface Version {
  number: number
  made: string
  by: string
  learnt: number
  tested: number
  comparison: { against: number; after: { micro: Interval }; difference: Interval } | null
  refused: { zh: string; en: string }[]
  cleared: string | null
  state: 'live' | 'kept' | 'refused'
}

export interface Taggers {
  live: number
  fault: { zh: string; en: string } | null
  taggers: Version[]
  learning: { busy: boolean; asked_by: string; tried: string | null; outcome: { zh: string; en: string } | null }
  events: { at: string; actor: string; data: { number: number } }[]
}

export interface Value {
  state: string
  value: number | null
  low: number | null
  high: number | null
  n: number
  unknown: number
}

export interface Quality {
  first: string
  last: string
  n: number
  precision: Value
  recall: Value
  contact_kind: Value
  severity: Value
  causes: { code: string; n: number; precision: Value; recall: Value; kappa: Value; prevalence: Value }[]
}

/** "0.81（0.78–0.84）" */
export const interval = (one: Interval, digits = 3): string => `${ratio(one.value, digits)}（${ratio(one.low, digits)}–${ratio(one.high, digits)}）`

/** A share with its interval, or why there is none. */
export function shown(value: Value, as: 'share' | 'ratio' = 'share'): string {
  const word = (n: number | null) => (as === 'share' ? share(n) : ratio(n))
  if (value.state === 'known') return `${word(value.value)}（${word(value.low)}–${word(value.high)}）`
  return `— ${value.unknown ? t('notYet', { n: value.unknown }) : t('notYetPlain')}`
}
