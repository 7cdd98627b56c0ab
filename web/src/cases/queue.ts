/** The rows of the queue: their words, and how the list is read page by page and kept for coming back. */

import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { get, glance, Refused, type Problem, type Query } from '../api'
import { session } from '../session'
import type { State } from './case'

export interface Waited {
  department: string
  /** accept, resolve, or the number of a task whose words stand in `what`. */
  for: string
  what?: string
  minutes: number
  since: string
  due: string
  late: boolean
}

export interface Row {
  id: string
  cause: string
  department: string
  asked_department: string
  state: State
  severity: number
  contacts: number
  reopened: number
  due: string | null
  quote: string
  cost: number | null
  irritation: number
  waited_for: Waited | null
  waited_more: number
}

export type Order = 'cost' | 'clock'

export interface Asked {
  state: State
  order: Order
  department: string
}

interface Page {
  counts?: Record<string, number>
  rows: Row[]
  cursor: string
  cut: boolean
  most: number
  day_minutes: number
}

export interface List {
  rows: Row[]
  counts: Record<string, number>
  cut: boolean
  most: number
  dayMinutes: number
}

/** Where the reader was in the list. */
export interface Place {
  shown: number
  scroll: number
  at: string
}

export const FIRST = 60
const REST = 1_000

/** The rows in slices of `FIRST`: what is in the page already is left alone while more come. */
export function sliced(rows: Row[]): Row[][] {
  return Array.from({ length: Math.ceil(rows.length / FIRST) }, (_, n) => rows.slice(n * FIRST, (n + 1) * FIRST))
}

export interface Queue {
  list: ShallowRef<List | undefined>
  reading: Ref<boolean>
  problem: Ref<Problem | undefined>
  /** Read another list, or the same one anew; `quietly` leaves what is shown until all of it is there. */
  read(asked: Asked, quietly?: boolean): Promise<void>
}

/** The last list, so that coming back from a case finds it as it was left. */
let last: { who: string; key: string; list: List; place: Place } | undefined

const keyOf = (asked: Asked) => [asked.state, asked.order, asked.department].join('/')
const who = () => session.value?.token ?? ''

export function remember(asked: Asked, list: List, place: Place): void {
  last = { who: who(), key: keyOf(asked), list, place }
}

export function remembered(asked: Asked): { list: List; place: Place } | undefined {
  return last && last.who === who() && last.key === keyOf(asked) ? last : undefined
}

export function useQueue(ask: Ask = call): Queue {
  const list = shallowRef<List>()
  const reading = ref(false)
  const problem = ref<Problem>()
  let turn = 0

  async function read(asked: Asked, quietly = false): Promise<void> {
    const mine = ++turn
    reading.value = true
    try {
      for await (const found of pages(asked, quietly, ask)) {
        if (mine !== turn) return
        if (!quietly) list.value = found.list
        else if (found.end) list.value = found.list
        problem.value = undefined
      }
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      if (mine === turn && !quietly) problem.value = error.problem
    } finally {
      if (mine === turn) reading.value = false
    }
  }

  return { list, reading, problem, read }
}

export type Ask = (query: Query, quietly: boolean) => Promise<Page>

const call: Ask = (query, quietly) => (quietly ? glance : get)<Page>('/queue', query)

/** The list as it grows: a first page that is there at once, then the rest. */
export async function* pages(asked: Asked, quietly: boolean, ask: Ask): AsyncGenerator<{ list: List; end: boolean }> {
  const first = await ask({ ...asked, limit: FIRST }, quietly)
  const kept = { counts: first.counts ?? {}, most: first.most, dayMinutes: first.day_minutes }
  let rows = first.rows
  let { cursor, cut } = first
  yield { list: { ...kept, rows, cut }, end: !cursor }
  while (cursor && rows.length < first.most) {
    const page = await ask({ ...asked, limit: REST, cursor }, quietly)
    const known = new Set(rows.map((row) => row.id))
    // A case whose cost has risen since may come a second time.
    rows = [...rows, ...page.rows.filter((row) => !known.has(row.id))]
    ;({ cursor, cut } = page)
    yield { list: { ...kept, rows, cut: cut || (Boolean(cursor) && rows.length >= first.most) }, end: !cursor || rows.length >= first.most }
  }
}
