/** What an agent is logging. Kept at every change, so that a reload or an expired sign-in loses nothing. */

import { reactive, watch } from 'vue'
import { keep, kept } from '../keep'
import { momentOf } from '../promises/due'

export type Kind = 'complaint' | 'inquiry' | 'request' | 'suggestion' | 'praise' | 'other'

export interface Draft {
  /** Goes with every attempt to save, so that a repeated one is the same contact. */
  id: string
  began: number
  channel: string
  customer: string
  order: string
  text: string
  /** Chosen by hand; without any the machine's are taken. */
  causes: string[]
  kind: Kind | ''
  severity: number | ''
  yuan: string
  /** The next step promised, and until when: wall time of Shanghai. */
  next: string
  due: string
  /** Without a customer: the one whose order it is. */
  ofOrder: boolean
}

export const CHANNELS = ['phone', 'chat', 'wechat', 'wecom', 'email', 'app', 'web', 'store', 'social', '12315'] as const
export const KINDS: Kind[] = ['complaint', 'inquiry', 'request', 'suggestion', 'praise', 'other']

export function empty(channel: string): Draft {
  return {
    id: crypto.randomUUID(),
    began: 0,
    channel,
    customer: '',
    order: '',
    text: '',
    causes: [],
    kind: '',
    severity: '',
    yuan: '',
    next: '',
    due: '',
    ofOrder: true,
  }
}

export const draft = reactive<Draft>({ ...empty('phone'), ...kept<Partial<Draft>>('draft') })
watch(draft, () => {
  draft.began ||= Date.now()
  keep('draft', draft)
})

/** A new contact on the same channel. */
export function startAnew(): void {
  Object.assign(draft, empty(draft.channel))
  draft.began = 0
}

/**
 * Once the draft that was `sent` is stored: a new contact, unless somebody has typed on meanwhile. That stays, as
 * another contact, and false is told. A draft that was begun anew meanwhile is another contact already.
 */
export function sentOff(sent: Draft): boolean {
  if (draft.id !== sent.id) return true
  const same = JSON.stringify({ ...draft, began: 0 }) === JSON.stringify({ ...sent, began: 0 })
  if (same) startAnew()
  else draft.id = crypto.randomUUID()
  return same
}

export type Field = 'text' | 'yuan' | 'next' | 'due'

/** What the service takes; `problem` names the field that stops it. `sameAs` is an earlier contact on the order. */
export function arriving(from: Draft, now: number, sameAs = ''): { body?: Record<string, unknown>; problem?: Field } {
  if (!from.text.trim()) return { problem: 'text' }
  const fen = from.yuan.trim() ? fenOf(from.yuan) : 0
  if (fen === undefined) return { problem: 'yuan' }
  const next = from.next.trim()
  if (from.due && !next) return { problem: 'next' }
  if (next && !(momentOf(from.due) > now)) return { problem: 'due' }
  const seconds = from.began ? Math.min(86_400, Math.max(0, Math.round((now - from.began) / 1000))) : 0
  return {
    body: {
      external_id: from.id,
      channel: from.channel,
      text: from.text,
      customer: from.customer,
      order: from.order,
      causes: from.causes,
      ...(from.kind && { contact_kind: from.kind }),
      ...(from.severity !== '' && { severity: from.severity }),
      concession: fen,
      seconds,
      ...(!from.customer.trim() && from.ofOrder && sameAs && { customer_of: sameAs }),
      ...(next && { promise: { what: next, due: from.due } }),
    },
  }
}

/** 12.50 -> 1250; nothing else than digits and up to two decimals. */
export function fenOf(yuan: string): number | undefined {
  const found = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(yuan.trim().normalize('NFKC'))
  return found ? Number(found[1]) * 100 + Number((found[2] ?? '').padEnd(2, '0')) : undefined
}
