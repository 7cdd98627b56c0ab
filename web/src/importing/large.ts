/** A file too large for a request: sent to the bucket by a form that the service signed, then followed by its ticket. */

import { computed, reactive } from 'vue'
import { glance, post, Refused, type Problem } from '../api'
import { NOT_SENT } from './words'

export const NO_BUCKET = 'import.no_bucket'
/** Milliseconds between two looks. */
const EVERY = 3_000

interface Offer {
  ticket: string
  url: string
  fields: Record<string, string>
}

export interface Progress {
  state: 'sending' | 'waiting' | 'reading' | 'done' | 'failed'
  rows: number
  taken: number
  known: number
  refused: number
  problem: Problem | null
  /** Where the lists of refused rows can be fetched, for a while. */
  refused_rows: string[]
}

const nothing = (): Progress & { share: number } => ({ state: 'sending', share: 0, rows: 0, taken: 0, known: 0, refused: 0, problem: null, refused_rows: [] })
export const large = reactive(nothing())
export const finished = computed(() => large.state === 'done' || large.state === 'failed')

/** Of files: what comes for an older one counts no more. */
let turn = 0
let sending: XMLHttpRequest | undefined

export function forget(): void {
  turn++
  sending?.abort()
  Object.assign(large, nothing())
}

/** Send it and follow it to its end; what went wrong before it was there. */
export async function sendLarge(file: File): Promise<Problem | undefined> {
  forget()
  const mine = turn
  try {
    const { ticket, url, fields } = await post<Offer>('/imports/large', { name: file.name, size: file.size })
    if (mine !== turn) return undefined
    if (!(await sent(url, fields, file))) return mine === turn ? NOT_SENT : undefined
    large.state = 'waiting'
    await follow(ticket, mine)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return mine === turn ? error.problem : undefined
  }
  return undefined
}

/** The network may fail for a while: the file is there. */
async function follow(ticket: string, mine: number): Promise<void> {
  while (mine === turn && !finished.value) {
    try {
      const found = await glance<Progress>(`/imports/large/${encodeURIComponent(ticket)}`)
      if (mine === turn) Object.assign(large, found)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
    }
    if (!finished.value) await new Promise((resolve) => setTimeout(resolve, EVERY))
  }
}

/** By a form, the file last, as the bucket asks for it; `fetch` would not tell how far it is. */
function sent(url: string, fields: Record<string, string>, file: File): Promise<boolean> {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  form.append('file', file, 'file')
  return new Promise((resolve) => {
    const request = (sending = new XMLHttpRequest())
    request.upload.onprogress = ({ loaded, total }) => (large.share = total ? loaded / total : 0)
    request.onloadend = () => resolve(request.status >= 200 && request.status < 300)
    request.open('POST', url)
    request.send(form)
  })
}
