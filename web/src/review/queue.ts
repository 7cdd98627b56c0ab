/** What waits to be looked at: its order on the screen, and why each one is shown. */

import type { Contact, Tag } from '../contacts/contact'
import type { Choice } from '../contacts/judge'

export interface Row {
  contact: Contact
  teaches: number
  doubt: number
  disagreement: number
  new_words: number
  /** What was chosen before it was skipped, or before its answer was taken back. */
  chosen?: Choice
}

export interface Queue {
  contacts: Row[]
  answered: number
  left: number
  until: string
}

export type Why = 'doubt' | 'disagreement' | 'new_words'

/** From this on a part counts as a reason of its own. */
const NOTABLE = 0.3

/** Why a contact is asked about, the strongest reason first; there is always one. */
export function reasons(row: Pick<Row, Why>): Why[] {
  const every = (['doubt', 'disagreement', 'new_words'] as const).toSorted((a, b) => row[b] - row[a])
  const notable = every.filter((why) => row[why] >= NOTABLE)
  return notable.length ? notable : every.slice(0, 1)
}

/** The cause that the doubt is about: the percentage told is the one beside it. */
export function leastSure(contact: Contact): Tag | undefined {
  return contact.analysis?.causes.toSorted((a, b) => a.confidence - b.confidence)[0]
}

/** The rows there are, then those that came newly; none twice. */
export function joined(rows: readonly Row[], fresh: readonly Row[], done: ReadonlySet<string>): Row[] {
  const there = new Set(rows.map((row) => row.contact.id))
  return [...rows, ...fresh.filter((row) => !there.has(row.contact.id) && !done.has(row.contact.id))]
}
