/** A decision on a proposal as it is typed, and what is sent. */

import { PATTERN, wordsOf, type View, type Way } from './proposal'

export interface Decision {
  label: string
  labelEn: string
  department: string
  denominator: string
  code: string
  into: string
  /** One a line. */
  words: string
  reason: string
}

export type Field = keyof Decision
type Fault = 'needed' | 'reasonNeeded' | 'wordsWrong'

/** What the proposal itself suggests, except the cause to merge into, which somebody has to choose; a lead whose business it is not gets its own department. */
export function emptyDecision(view: View, person: { role: string; departments: string[] } | undefined): Decision {
  const { proposal, suggested } = view
  const own = person?.role === 'lead' && !person.departments.includes(proposal.department) ? (person.departments[0] ?? '') : ''
  return {
    label: proposal.name,
    labelEn: '',
    department: own || proposal.department,
    denominator: '',
    code: '',
    into: '',
    words: suggested.join('\n'),
    reason: '',
  }
}

export function faultsOf(way: Way, form: Decision): Partial<Record<Field, Fault>> {
  const found: Partial<Record<Field, Fault>> = {}
  const need = (field: Field) => void (form[field].trim() || (found[field] = 'needed'))
  if (way === 'accept') (['label', 'department'] as const).forEach(need)
  if (way === 'merge') need('into')
  if (way === 'refuse' && form.reason.trim().length < 2) found.reason = 'reasonNeeded'
  if (way !== 'refuse') {
    need('words')
    if (PATTERN.test(form.words)) found.words = 'wordsWrong'
  }
  return found
}

export function bodyOf(way: Way, form: Decision): Record<string, unknown> {
  const reason = form.reason.trim()
  const words = wordsOf(form.words)
  if (way === 'refuse') return { reason }
  if (way === 'merge') return { into: form.into, words, reason }
  return {
    label: form.label.trim(),
    label_en: form.labelEn.trim(),
    department: form.department,
    denominator: form.denominator,
    code: form.code.trim(),
    words,
    reason,
  }
}
