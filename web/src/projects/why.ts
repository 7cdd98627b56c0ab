/** The 5-Why tree: reasons, what they stand on, and what happened to one that somebody is changing. */

import type { Event } from './project'

export interface Reason {
  id: string
  text: string
  contacts: string[]
  /** Cited contacts that the reader may not see. */
  hidden: number
  assumption: boolean
  share: number | null
  by: string
  at: string
  because: Reason[]
  explained: number
}

export interface Tree {
  project: string
  version: number
  because: Reason[]
  explained: number
  history: Event[]
}

/** What is typed about a reason: a new one beneath `under`, or one that is changed. */
export interface Draft {
  /** The reason that is changed; "" for a new one. */
  id: string
  under: string
  text: string
  contacts: string[]
  assumption: boolean
  share: number | string
  /** The reason as it was when typing began. */
  base?: Reason | undefined
}

export const WHOLE = 100

export function newDraft(under: string): Draft {
  return { id: '', under, text: '', contacts: [], assumption: false, share: '' }
}

export function draftOf(reason: Reason, under: string): Draft {
  const { id, text, contacts, assumption } = reason
  return { id, under, text, contacts: [...contacts], assumption, share: reason.share ?? '', base: reason }
}

export function find(because: Reason[], id: string): Reason | undefined {
  for (const one of because) {
    const found = one.id === id ? one : find(one.because, id)
    if (found) return found
  }
  return undefined
}

/** All reasons of a tree, each after what it explains. */
export function all(because: Reason[]): Reason[] {
  return because.flatMap((one) => [one, ...all(one.because)])
}

/** Percent that the reasons beside this draft leave. */
export function left(tree: Tree, draft: Draft): number {
  const beside = draft.under ? find(tree.because, draft.under) : tree
  const own = beside?.because.find((one) => one.id === draft.id)?.share ?? 0
  return WHOLE - (beside?.explained ?? 0) + own
}

export function sameReason(one: Reason, other: Reason): boolean {
  const said = (r: Reason) => JSON.stringify([r.text, r.share, r.assumption, [...r.contacts].sort(), r.hidden])
  return said(one) === said(other)
}

export type Overtaken = { what: 'changed'; now: Reason } | { what: 'withdrawn'; by: string } | { what: 'place'; by: string }

/** What somebody else did meanwhile to the reason that is being changed, or to the one it would explain. */
export function overtaken(tree: Tree, draft: Draft): Overtaken | undefined {
  if (draft.under && !find(tree.because, draft.under)) return { what: 'place', by: whoWithdrew(tree, draft.under) }
  if (!draft.id || !draft.base) return undefined
  const now = find(tree.because, draft.id)
  if (!now) return { what: 'withdrawn', by: whoWithdrew(tree, draft.id) }
  return sameReason(now, draft.base) ? undefined : { what: 'changed', now }
}

function whoWithdrew(tree: Tree, id: string): string {
  return tree.history.findLast((e) => e.name === 'ReasonWithdrawn' && e.data.reason === id)?.actor ?? ''
}

/** What is sent; a reason stands on contacts or is an assumption. */
export function bodyOf(draft: Draft): Record<string, unknown> {
  return {
    text: draft.text.trim(),
    contacts: draft.contacts,
    assumption: draft.assumption,
    share: String(draft.share).trim() === '' ? null : Number(draft.share),
  }
}

/** What keeps a draft from being sent. */
export function faultOf(draft: Draft, tree: Tree): 'text' | 'founded' | 'share' | undefined {
  if (draft.text.trim().length < 2) return 'text'
  if (!draft.contacts.length && !draft.assumption && !draft.base?.hidden) return 'founded'
  if (String(draft.share).trim() === '') return undefined
  const share = Number(draft.share)
  return Number.isInteger(share) && share >= 0 && share <= left(tree, draft) ? undefined : 'share'
}
