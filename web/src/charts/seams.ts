/** Seams of a series: where what is counted changed its meaning, of any kind the service tells, as marks with words. */

import { said } from '../ui'
import type { Mark } from './points'
import { t, TABLE } from './words'

export interface Seam {
  week: string
  /** edit, proposal, merge, split; tagger, and whatever comes later. */
  what: string
  /** Which version of the causes begins there. */
  taxonomy?: number | null
  /** Which version of the tagger begins there. */
  tagger?: string | number
  /** A kind that has no words here brings its own. */
  zh?: string
  en?: string
  causes?: readonly string[]
  departments?: readonly string[]
}

/** The seams that touch a cause, a department or, without either, anything. */
export function seamMarks(seams: readonly Seam[], of: { cause?: string; department?: string } = {}): Mark[] {
  return seams.filter((seam) => touches(seam, of)).map((seam) => ({ week: seam.week, text: seamWords(seam), kind: 'seam' }))
}

/** A version of the causes touches those it names; another kind without names touches all. */
function touches(seam: Seam, { cause = '', department = '' }: { cause?: string; department?: string }): boolean {
  const [named, among] = cause ? [cause, seam.causes] : [department, seam.departments]
  if (!named) return true
  if (seam.taxonomy == null && !seam.causes?.length && !seam.departments?.length) return true
  return among?.includes(named) ?? false
}

function seamWords(seam: Seam): string {
  if (seam.zh && seam.en) return said({ zh: seam.zh, en: seam.en })
  const key = `seam_${seam.what}`
  if (key in TABLE) return t(key as 'seam_tagger', { n: seam.tagger ?? '' })
  return seam.taxonomy == null ? t('seamOther') : t('seam', { n: seam.taxonomy })
}
