/** Contacts as the service tells them: what was said, what the machine and people made of it. */

import type { Span } from '../pieces'

export const CHANNELS = ['phone', 'chat', 'wechat', 'wecom', 'email', 'app', 'web', 'store', 'social', 'survey', '12315'] as const
export const KINDS = ['complaint', 'inquiry', 'request', 'suggestion', 'praise', 'other'] as const
export const SEVERITIES = [0, 1, 2, 3] as const
export const MOST_CAUSES = 5
export type Kind = (typeof KINDS)[number]

export interface Tag {
  code: string
  confidence: number
  evidence: Span[]
}

export interface Correction {
  by: string
  at: string
  causes: string[] | null
  contact_kind: Kind | null
  severity: number | null
}

export interface Contact {
  id: string
  version: number
  channel: string
  external_id: string
  customer: string
  text: string
  masked: string[]
  time: string
  received: string
  taken_by: string
  agent: string
  segment: string
  order: string
  product: string
  erased: boolean
  analysis: { version: string; causes: Tag[]; kind: Kind; severity: number; triggers: Tag[]; unsure: boolean } | null
  correction: Correction | null
  earlier: Correction[]
  causes: string[]
  contact_kind: Kind
  severity: number
  unsure: boolean
  department: string
  departments: string[]
  case: string
  answers_case: string
  repeats: boolean
  repeated: boolean
  /** Told of a contact read by itself: whether the reader's role may open its original words. */
  may_read_original?: boolean
}

/** One cause of a contact: how sure the machine is, by which words, and what a person said of it. */
export interface Judged {
  code: string
  confidence: number | null
  words: string[]
  /** Whether it counts now. */
  counts: boolean
  person: 'gave' | 'refused' | ''
}

const OWN = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The number that the source gave it; what was logged here has only one that this program made, which tells nobody anything. */
export function numberOf(one: Contact): string {
  return OWN.test(one.external_id) ? '' : one.external_id
}

/** Every cause anybody named, those that count first. */
export function judged(one: Contact): Judged[] {
  const tags = one.analysis?.causes ?? []
  const said = one.correction?.causes ?? null
  const codes = [...new Set([...one.causes, ...(said ?? []), ...tags.map((tag) => tag.code)])]
  return codes.map((code) => {
    const tag = tags.find((each) => each.code === code)
    return {
      code,
      confidence: tag ? tag.confidence : null,
      words: tag ? wordsOf(one.text, tag.evidence) : [],
      counts: one.causes.includes(code),
      person: said ? (said.includes(code) ? 'gave' : 'refused') : '',
    }
  })
}

/** The words of the text at these places, each once. */
export function wordsOf(text: string, spans: readonly Span[]): string[] {
  const points = Array.from(text)
  return [...new Set(spans.map(([start, end]) => points.slice(start, end).join('')))]
}

/** Where the words stand that led to the causes and to the alert. */
export function evidence(one: Contact): Span[] {
  return [...(one.analysis?.causes ?? []), ...(one.analysis?.triggers ?? [])].flatMap((tag) => tag.evidence)
}
