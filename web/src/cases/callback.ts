/** The answer of a call-back as it is typed. */

import type { Callback } from './case'

export interface Typed {
  reached: boolean | undefined
  resolved: boolean | null | undefined
  satisfaction: string
  text: string
}

export const SATISFACTIONS = ['', 'satisfied', 'basically_satisfied', 'dissatisfied', 'very_dissatisfied'] as const

/** Each call has its own: what was typed for one that was not answered is not taken for the next. */
export const draftName = (callback: Callback) => `call.${callback.case}/${callback.round}/${callback.attempts}`

export const untold = (): Typed => ({ reached: undefined, resolved: undefined, satisfaction: '', text: '' })

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
