/** How many others a cause met this week, and the project on it: asked once a cause, so that nothing waits for it. */

import { ref, watch, type Ref } from 'vue'
import { get, Refused } from '../api'

export interface Weekly {
  cause: string
  week: string
  contacts: number
  /** null: too many to count while somebody waits. */
  people: number | null
  project: { id: string; title: string; starts: string; begun: boolean } | null
}

const FRESH = 5 * 60_000
type Ask = (code: string) => Promise<Weekly>
const usual: Ask = (code) => get<Weekly>(`/causes/${encodeURIComponent(code)}/this-week`)

/** Keeps answers for some minutes, refusals too: nobody is asked again at every key. */
export function remembered(ask: Ask = usual, now: () => number = Date.now): (code: string) => Promise<Weekly | undefined> {
  const kept = new Map<string, { at: number; answer: Promise<Weekly | undefined> }>()
  return (code) => {
    const known = kept.get(code)
    if (known && now() - known.at < FRESH) return known.answer
    const answer = ask(code).catch((error: unknown) => {
      if (!(error instanceof Refused)) throw error
      return undefined // logging goes on without it
    })
    kept.set(code, { at: now(), answer })
    return answer
  }
}

const weekly = remembered()

export function useWeekly(code: () => string): Ref<Weekly | undefined> {
  const found = ref<Weekly>()
  watch(
    code,
    async (wanted) => {
      found.value = undefined
      const answer = wanted ? await weekly(wanted) : undefined
      if (code() === wanted) found.value = answer
    },
    { immediate: true },
  )
  return found
}
