/** What a person says a contact is about, while it is being chosen. */

import { MOST_CAUSES, type Contact, type Kind } from './contact'

export interface Choice {
  causes: string[]
  /** '' while nothing was chosen. */
  kind: Kind | ''
  severity: number | ''
}

/** As it stands now: a person's word where there is one, the machine's otherwise. */
export function asItStands(one: Contact): Choice {
  return { causes: [...one.causes].filter((code) => code !== 'other'), kind: one.contact_kind, severity: one.severity }
}

/** With the cause, or without it when it was there; a sixth is not taken. */
export function toggled(choice: Choice, code: string): Choice {
  if (choice.causes.includes(code)) return { ...choice, causes: choice.causes.filter((one) => one !== code) }
  return choice.causes.length < MOST_CAUSES ? { ...choice, causes: [...choice.causes, code] } : choice
}

/** Same causes in any order, same kind and severity. */
export function same(a: Choice, b: Choice): boolean {
  return a.kind === b.kind && a.severity === b.severity && [...a.causes].sort().join() === [...b.causes].sort().join()
}

/** As the service takes it. */
export function body(choice: Choice): { causes: string[]; contact_kind?: Kind; severity?: number } {
  return {
    causes: choice.causes,
    ...(choice.kind === '' ? {} : { contact_kind: choice.kind }),
    ...(choice.severity === '' ? {} : { severity: choice.severity }),
  }
}
