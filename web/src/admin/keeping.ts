/** Dead letters and removals in words. */

import { count } from '../figures'
import { worded } from '../ui'
import { joined } from './joined'
import { KINDS, t } from './wordsKeeping'

export interface DeadLetter {
  kind: string
  key: string
  step: string
  attempts: number
  error: string
}

const WHY: [RegExp, Parameters<typeof t>[0]][] = [
  [/SQLITE_|OperationalError|ClientError|ConnectionError|OSError|Timeout/i, 'why_store'],
  [/TooLarge/, 'why_large'],
  [/^Conflict|store\.conflict/, 'why_conflict'],
  [/cause\./, 'why_cause'],
  [/vault\./, 'why_vault'],
  [/^(Invalid|ValidationError)/, 'why_refused'],
]

/** Of "Invalid[cause.unknown] at check_causes:12" the reason that a person understands. */
export function reason(error: string): string {
  return t(WHY.find(([form]) => form.test(error))?.[1] ?? 'why_bug')
}

/** "联络 19,998、工单 7,020": the most first, what everybody knows before the rest. */
export function listed(counts: Record<string, number>): string {
  const known = Object.entries(counts).filter(([kind, n]) => n > 0 && KINDS[kind])
  return joined(known.sort((one, other) => other[1] - one[1]).map(([kind, n]) => `${worded(KINDS[kind]!)} ${count(n)}`))
}

export const total = (counts: Record<string, number>): number => Object.values(counts).reduce((sum, n) => sum + n, 0)
