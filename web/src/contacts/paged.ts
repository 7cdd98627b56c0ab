/** A list read page by page, kept while another page is looked at: going back shows what was there. */

import { onBeforeUnmount, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { Refused, type Problem } from '../api'
import { session } from '../session'

export interface Answer<T> {
  rows: T[]
  /** Of the next page; "" at the end. */
  cursor: string
}

export interface Paged<T, E = unknown> {
  rows: ShallowRef<T[]>
  /** The newest page as it was answered. */
  page: ShallowRef<(Answer<T> & E) | undefined>
  cursor: Ref<string>
  reading: Ref<boolean>
  problem: Ref<Problem | undefined>
  /** Whether anything was answered yet. */
  known: Ref<boolean>
  /** From the first page on; on the way back, as it was left. */
  start(about: string, anew?: boolean): Promise<void>
  more(): Promise<void>
}

interface Kept {
  about: string
  rows: unknown[]
  page: unknown
}

/** Empty pages that are followed by themselves: a filter that hardly anything passes gives short ones. */
const MOST_EMPTY = 20
const left = new Map<string, Kept>()

/** Reached by the browser's back: what is anew linked to is read anew. */
const cameBack = () => Boolean((history.state as { forward?: unknown } | null)?.forward)

export function usePaged<T, E = unknown>(place: string, ask: (cursor: string) => Promise<Answer<T> & E>): Paged<T, E> {
  const rows = shallowRef<T[]>([])
  const page = shallowRef<Answer<T> & E>()
  const cursor = ref('')
  const reading = ref(false)
  const problem = ref<Problem>()
  const known = ref(false)
  let about = ''
  let turn = 0
  onBeforeUnmount(() => turn++)

  async function read(mine: number): Promise<void> {
    reading.value = true
    try {
      for (let empty = 0; empty < MOST_EMPTY; empty++) {
        const answer = await ask(cursor.value)
        if (mine !== turn) return
        rows.value = [...rows.value, ...answer.rows]
        page.value = answer
        cursor.value = answer.cursor
        if (answer.rows.length || !answer.cursor) break
      }
      known.value = true
      problem.value = undefined
      left.set(place, { about, rows: rows.value, page: page.value })
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      if (mine === turn) problem.value = error.problem
    } finally {
      if (mine === turn) reading.value = false
    }
  }

  async function start(wanted: string, anew = false): Promise<void> {
    const mine = ++turn
    about = `${session.value?.name}/${wanted}`
    const kept = left.get(place)
    const same = !anew && cameBack() && kept?.about === about ? kept : undefined
    rows.value = (same?.rows ?? []) as T[]
    page.value = same?.page as (Answer<T> & E) | undefined
    cursor.value = page.value?.cursor ?? ''
    known.value = Boolean(same)
    reading.value = false
    problem.value = undefined
    if (!same) await read(mine)
  }

  async function more(): Promise<void> {
    if (!reading.value) await read(turn)
  }

  return { rows, page, cursor, reading, problem, known, start, more }
}
