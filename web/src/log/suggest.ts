/** What the machine makes of the text while it is typed: asked after a pause, only the newest answer counts. */

import { ref, type Ref } from 'vue'
import { post, Refused } from '../api'
import { pieces, type Span } from '../pieces'
import type { Kind } from './draft'

export { pieces, type Span }

export interface Suggestion {
  text: string
  masked: string[]
  causes: { code: string; label: string; confidence: number; evidence: Span[] }[]
  kind: Kind
  severity: number
  triggers: { code: string; evidence: Span[] }[]
  unsure: boolean
}

export const PAUSE = 250
/** Shorter texts say nothing. */
const SHORTEST = 2

export interface Suggesting {
  found: Ref<Suggestion | undefined>
  typed(text: string): void
  clear(): void
}

export function useSuggestions(ask = (text: string) => post<Suggestion>('/contacts/suggest', { text })): Suggesting {
  const found = ref<Suggestion>()
  let turn = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  async function read(text: string, mine: number): Promise<void> {
    try {
      const answer = await ask(text)
      if (mine === turn) found.value = answer
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      if (mine === turn) found.value = undefined // logging goes on without suggestions
    }
  }

  function typed(text: string): void {
    const mine = ++turn
    clearTimeout(timer)
    if (text.trim().length < SHORTEST) found.value = undefined
    else timer = setTimeout(() => void read(text, mine), PAUSE)
  }

  function clear(): void {
    turn++
    clearTimeout(timer)
    found.value = undefined
  }

  return { found, typed, clear }
}
