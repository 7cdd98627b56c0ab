/** Causes and departments in force, read once a page load. */

import { computed, ref } from 'vue'
import { get } from './api'
import { language } from './ui'
import { t } from './words'

export interface Cause {
  code: string
  group: string
  label_zh: string
  label_en: string
  department: string
  denominator: string
  definition_zh: string
  /** Repeat window. */
  window_days: number
  active: boolean
}

interface Department {
  code: string
  name_zh: string
  name_en: string
}

interface Taxonomy {
  number: number
  causes: Cause[]
  departments: Department[]
}

export const taxonomy = ref<Taxonomy>({ number: 0, causes: [], departments: [] })
export const activeCauses = computed(() => taxonomy.value.causes.filter((cause) => cause.active))

let reading: Promise<void> | undefined

export function readTaxonomy(): Promise<void> {
  reading ??= get<{ taxonomy: Taxonomy }>('/taxonomy').then(
    (answer) => void (taxonomy.value = answer.taxonomy),
    (error: unknown) => {
      reading = undefined
      throw error
    },
  )
  return reading
}

/** After a change of the taxonomy. */
export function readTaxonomyAgain(): Promise<void> {
  reading = undefined
  return readTaxonomy()
}

export function causeLabel(code: string): string {
  if (code === 'other') return t('otherCause')
  const cause = taxonomy.value.causes.find((one) => one.code === code)
  if (!cause) readIfNew(code)
  return cause ? (language.value === 'en' ? cause.label_en : cause.label_zh) : code
}

const missed = new Set<string>()

/** A code that is not known was made after the taxonomy was read here: then it is read once more. */
function readIfNew(code: string): void {
  if (!code || !taxonomy.value.number || missed.has(code)) return
  missed.add(code)
  void readTaxonomyAgain().catch(() => undefined)
}

/** Several in one line. */
export function causeLabels(codes: readonly string[]): string {
  return codes.map(causeLabel).join(language.value === 'en' ? ', ' : '、')
}

export function departmentName(code: string): string {
  const found = taxonomy.value.departments.find((one) => one.code === code)
  return found ? (language.value === 'en' ? found.name_en : found.name_zh) : code
}
