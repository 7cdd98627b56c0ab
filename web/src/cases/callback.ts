/** The answer of a call-back as it is typed, kept for each case while the program is open. */

import type { Callback } from './case'

export interface Typed {
  reached: boolean | undefined
  resolved: boolean | null | undefined
  satisfaction: string
  text: string
}

export const SATISFACTIONS = ['', 'satisfied', 'basically_satisfied', 'dissatisfied', 'very_dissatisfied'] as const

const drafts = new Map<string, Typed>()

export function draftOf(callback: Callback): Typed {
  const key = `${callback.case}/${callback.round}/${callback.attempts}`
  const known = drafts.get(key) ?? { reached: undefined, resolved: undefined, satisfaction: '', text: '' }
  drafts.set(key, known)
  return known
}

/** Which answer is still to be given; the first of them. */
export function missingOf(typed: Typed): 'answerNeeded' | 'solvedNeeded' | undefined {
  if (typed.reached === undefined) return 'answerNeeded'
  return typed.reached && typed.resolved === undefined ? 'solvedNeeded' : undefined
}

/** What is sent: who was not reached said nothing. By its `tries` a call sent again is known for the same one. */
export function answerOf(typed: Typed, tries: number): object {
  if (!typed.reached) return { reached: false, tries }
  const { resolved, satisfaction, text } = typed
  return { reached: true, resolved, satisfaction: satisfaction || null, text, tries }
}
