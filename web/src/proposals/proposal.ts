/** Proposed causes as the service tells them, and what follows from that alone. */

import type { Role } from '../session'

export interface Evidence {
  word: string
  current: number
  baseline: number
  z: number
}

export type State = 'open' | 'accepted' | 'merged' | 'refused'
export const STATES: State[] = ['open', 'accepted', 'merged', 'refused']

export interface Proposal {
  id: string
  version: number
  week: string
  name: string
  definition: string
  new: boolean
  words: Evidence[]
  count: number
  weekly: number
  trend: [week: string, contacts: number][]
  nearest: string
  earlier: string
  state: State
  decided: string | null
  decided_by: string
  reason: string
  cause: string
  taxonomy: number
  back: { first: string; words: string[]; at: number; owed: number } | null
  history: { at: string; name: string; actor: string; data: Record<string, unknown> }[]
  /** The likely owner. */
  department: string
}

export interface Example {
  id: string
  time: string
  channel: string
  text: string
  causes: string[]
}

export interface View {
  proposal: Proposal
  examples: { typical: Example[]; border: Example[] }
  suggested: string[]
}

export interface Sudden {
  week: string | null
  at: string | null
  causes: { cause: string; label: string; words: Evidence[] }[]
}

export type Way = 'accept' | 'merge' | 'refuse'

interface Person {
  role: Role
  departments: string[]
}

/** What somebody may decide: leads and admins all, an executive accepts by a decision of the cycle; a refusal can be
 * thought over, what was accepted or merged cannot. Whose business it is the service decides. */
export function waysOf(proposal: Proposal, person: Person | undefined): Way[] {
  if (!person || person.role === 'agent' || proposal.state === 'accepted' || proposal.state === 'merged') return []
  if (person.role === 'executive') return ['accept']
  const refuses = proposal.state === 'open' && (person.role === 'admin' || person.departments.includes(proposal.department))
  return refuses ? ['accept', 'merge', 'refuse'] : ['accept', 'merge']
}

export interface Piece {
  text: string
  marked: boolean
}

/** A text cut at the terms in it; a term of several words is marked word by word. */
export function marked(text: string, terms: string[]): Piece[] {
  const words = [...new Set(terms.flatMap((term) => term.split(/\s+/)))].filter(Boolean)
  if (!words.length) return [{ text, marked: false }]
  const escaped = words.sort((a, b) => b.length - a.length).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return text
    .split(new RegExp(`(${escaped.join('|')})`, 'giu'))
    .map((piece, n) => ({ text: piece, marked: n % 2 === 1 }))
    .filter((piece) => piece.text)
}

/** How far the past has been read again, in words of the lexicon. */
export function readBack(proposal: Proposal): { done: number; all: number; owed: number; first: string } | undefined {
  const back = proposal.back
  return back ? { done: Math.min(back.at, back.words.length), all: back.words.length, owed: back.owed, first: back.first } : undefined
}

/** A word or words that occur together, one a line; what the notation of patterns needs is refused. */
export function wordsOf(text: string): string[] {
  return [...new Set(text.split('\n').map((line) => line.trim()).filter(Boolean))]
}

export const PATTERN = /[()|?*@]/

/** The line of a sparkline in a box, from 0 to the most. */
export function spark(values: number[], width: number, height: number): string {
  const most = Math.max(1, ...values)
  const step = values.length > 1 ? width / (values.length - 1) : 0
  return values.map((value, n) => `${n ? 'L' : 'M'}${(n * step).toFixed(1)} ${(height - (value / most) * height).toFixed(1)}`).join('')
}
