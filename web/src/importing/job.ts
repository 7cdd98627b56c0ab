/**
 * One import. It lives beside the pages: another page may be looked at meanwhile. The service keeps nothing of a file
 * between two requests, and taking a row twice is the same as once: whatever breaks off can be gone on with, or begun
 * anew with the same file.
 */

import { computed, reactive, watch } from 'vue'
import { post, Refused, type Problem } from '../api'
import { session } from '../session'
import { piecesOf, type FileRow } from './cutting'
import { finished, forget, NO_BUCKET, sendLarge } from './large'
import type { Look, Mapping } from './mapping'
import { TOO_LARGE, UNREADABLE } from './words'

/** What one request lets through, as Base64 and with what stands around it. */
export const LARGEST = 4_300_000
/** Pauses before the same piece is sent again, in milliseconds. */
const AGAIN = [1_000, 4_000, 10_000]

export interface RefusedRow extends Problem {
  line: number
  /** Each by itself; the words of the row are those of all together. */
  faults: Problem[]
  /** The row as it stands in the list of refused rows. */
  csv: string
}

export type Phase = 'choose' | 'large' | 'looking' | 'mapping' | 'reading' | 'taking' | 'paused' | 'done'

interface Rows {
  head: string
  rows: FileRow[]
  refused: RefusedRow[]
  next: number | null
}

interface Job {
  phase: Phase
  name: string
  problem: Problem | undefined
  look: Look | undefined
  mapping: Mapping | undefined
  taken: number
  known: number
  /** Rows that were sent, of so many that can be. */
  at: number
  rows: number
}

const nothing = (): Job => ({ phase: 'choose', name: '', problem: undefined, look: undefined, mapping: undefined, taken: 0, known: 0, at: 0, rows: 0 })
export const job = reactive<Job>(nothing())
export const refused = reactive<RefusedRow[]>([])
export const running = computed(() => ['reading', 'taking', 'paused'].includes(job.phase) || (job.phase === 'large' && !finished.value))

/** Large, and nothing of it is shown: outside of what is watched. */
let content = ''
let rows: FileRow[] = []
let head = ''
/** Of orders: an older one gives way. Of files: what comes for an older one counts no more. */
let turn = 0
let file = 0
/** The sending that was stopped may still wait for an answer: going on begins behind it. */
let sending: Promise<void> = Promise.resolve()

export function clear(): void {
  turn++
  file++
  content = head = ''
  rows = []
  refused.splice(0)
  forget()
  Object.assign(job, nothing())
}

// What one person brought is not for the next one who signs in.
watch(() => session.value?.name, clear)

/** A file that was dropped or chosen. */
export async function choose(given: File): Promise<void> {
  if (running.value) return
  clear()
  job.name = given.name
  if (given.size > LARGEST) return tooLarge(given)
  try {
    content = await base64(given)
  } catch {
    job.problem = UNREADABLE
    return
  }
  await look({})
}

/** Into the bucket where there is one; the columns are then told by their names. */
async function tooLarge(given: File): Promise<void> {
  const mine = ++turn
  job.phase = 'large'
  const problem = await sendLarge(given)
  if (problem && mine === turn) Object.assign(job, { phase: 'choose', problem: problem.code === NO_BUCKET ? TOO_LARGE : problem })
}

/** Looked at again: another sheet, another kind. */
export async function look(how: { sheet?: string; kind?: string }): Promise<void> {
  const mine = ++turn
  const sheet = how.sheet ?? job.look?.sheet ?? undefined
  job.phase = 'looking'
  job.problem = undefined
  try {
    const found = await post<Look>('/imports/look', { name: job.name, content, ...(sheet ? { sheet } : {}), ...(how.kind ? { kind: how.kind } : {}) })
    if (mine !== turn) return
    job.look = found
    job.phase = 'mapping'
  } catch (error) {
    if (mine === turn) failed(error, job.look ? 'mapping' : 'choose')
  }
}

/** Read all rows under this mapping, then send them. */
export async function start(mapping: Mapping): Promise<void> {
  const mine = ++turn
  file++
  Object.assign(job, { phase: 'reading', problem: undefined, mapping, taken: 0, known: 0, at: 0, rows: 0 })
  rows = []
  refused.splice(0)
  try {
    for (let after: number | null = 0; after !== null; ) {
      const body = { name: job.name, content, mapping, after, ...(job.look?.sheet ? { sheet: job.look.sheet } : {}) }
      const page: Rows = await post<Rows>('/imports/rows', body)
      if (mine !== turn) return
      head = page.head
      rows = rows.concat(page.rows)
      refused.push(...page.refused)
      job.rows = rows.length
      after = page.next
    }
  } catch (error) {
    if (mine === turn) failed(error, 'mapping')
    return
  }
  await (sending = run(mine))
}

export function stop(): void {
  turn++
  job.phase = 'paused'
}

export async function resume(): Promise<void> {
  const mine = ++turn
  job.problem = undefined
  job.phase = 'taking'
  await sending
  if (mine === turn) await (sending = run(mine))
}

async function run(mine: number): Promise<void> {
  const whose = file
  job.phase = 'taking'
  try {
    for (const piece of piecesOf(rows, job.at)) {
      const answer = await patiently(mine, () =>
        post<{ taken: number; known: number; refused: RefusedRow[] }>('/imports/take', { mapping: job.mapping, own: job.look?.own ?? null, rows: piece }),
      )
      if (!answer || whose !== file) return
      job.taken += answer.taken
      job.known += answer.known
      refused.push(...answer.refused)
      job.at += piece.length
      if (mine !== turn) return // stopped meanwhile: this piece is counted all the same
    }
    job.phase = 'done'
    content = ''
  } catch (error) {
    if (mine === turn) failed(error, 'paused')
  }
}

/** What the network or a busy service refuses is tried again; undefined when it was stopped while waiting. */
async function patiently<T>(mine: number, ask: () => Promise<T>): Promise<T | undefined> {
  for (const pause of [...AGAIN, undefined]) {
    try {
      return await ask()
    } catch (error) {
      const passing = error instanceof Refused && (error.status === 0 || error.status === 429 || error.status >= 500)
      if (!passing || pause === undefined) throw error
      await new Promise((resolve) => setTimeout(resolve, pause))
      if (mine !== turn) return undefined
    }
  }
  return undefined
}

function failed(error: unknown, phase: Phase): void {
  if (!(error instanceof Refused)) throw error
  job.problem = error.problem
  job.phase = phase
}

/** The rows that were not taken, with reasons, as a file that can be put right and imported again. */
export function listOfRefused(): { file: Blob; name: string } {
  const lines = [...refused].sort((a, b) => a.line - b.line).map((row) => row.csv)
  const stem = job.name.replace(/\.[^.]*$/, '').replace(/-refused(-\d+)?$/, '')
  return { file: new Blob(['\ufeff', head, ...lines], { type: 'text/csv;charset=utf-8' }), name: `${stem || 'rows'}-refused.csv` }
}

function base64(given: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onerror = () => reject(reader.error)
    reader.onload = () => resolve(String(reader.result).split(',', 2)[1] ?? '')
    reader.readAsDataURL(given)
  })
}
