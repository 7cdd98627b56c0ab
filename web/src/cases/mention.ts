/** @name in a comment: what is being typed, who fits, and the text once somebody is taken. */

import type { Colleague } from '../people'

const TYPED = /@([\p{L}\p{N}._-]{0,40})$/u
const MOST = 6

/** What stands between the last @ and the caret; undefined when no name is being typed. */
export function typedName(text: string, caret: number): string | undefined {
  return TYPED.exec(text.slice(0, caret))?.[1]
}

/** Who fits: by the beginning of the name first, then by any part of it or of how they are shown. */
export function fitting(everybody: Colleague[], typed: string): Colleague[] {
  const wanted = typed.toLowerCase()
  const rank = (one: Colleague) => {
    if (one.name.toLowerCase().startsWith(wanted)) return 0
    return one.name.toLowerCase().includes(wanted) || one.display.toLowerCase().includes(wanted) ? 1 : 2
  }
  return everybody
    .filter((one) => !one.disabled && rank(one) < 2)
    .sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1))
    .slice(0, MOST)
}

/** The text with the name in the place of what was typed, and where the caret is then. */
export function taken(text: string, caret: number, name: string): { text: string; caret: number } {
  const before = text.slice(0, caret).replace(TYPED, `@${name} `)
  return { text: before + text.slice(caret).replace(/^ /, ''), caret: before.length }
}
