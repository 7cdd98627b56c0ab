/** Contacts that were before: of the customer, on the order, on the same cause; and which lie in the repeat window. */

export interface Before {
  id: string
  time: string
  causes: string[]
  text: string
  case: string
  channel: string
  /** null: nobody has read it yet. */
  analysis: unknown
}

const DAY = 86_400_000

/** How many lie inside the window before now. */
export function inside(contacts: readonly Before[], days: number, now: number): number {
  return contacts.filter((one) => now - Date.parse(one.time) < days * DAY).length
}

/** Each contact once, where it came first, as the last list tells it. */
export function once<T extends { id: string }>(...lists: readonly (readonly T[])[]): T[] {
  return Array.from(new Map(lists.flat().map((one) => [one.id, one])).values())
}
