/** The next version of the taxonomy while it is written: what differs, and what becomes of it when somebody was faster. */

export interface Department {
  code: string
  name_zh: string
  name_en: string
}

export interface Cause {
  code: string
  group: string
  label_zh: string
  label_en: string
  department: string
  denominator: string
  definition_zh: string
  words: string[]
  window_days: number
  active: boolean
  merged_into: string
  split_into: string[]
}

export interface Taxonomy {
  number: number
  by: string
  since: string
  service: string
  departments: Department[]
  causes: Cause[]
}

export type Draft = Pick<Taxonomy, 'departments' | 'causes'>

export const copied = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T
export const draftOf = ({ departments, causes }: Draft): Draft => copied({ departments, causes })

export function newCause(like: Draft): Cause {
  const department = like.departments[0]?.code ?? ''
  return {
    ...{ code: '', group: '', label_zh: '', label_en: '', department, denominator: 'orders', definition_zh: '' },
    ...{ words: [], window_days: 7, active: true, merged_into: '', split_into: [] },
  }
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)
type Rows = Cause[] | Department[]
const found = <T extends { code: string }>(rows: T[], code: string): T | undefined => rows.find((row) => row.code === code)

function differing(before: Rows, after: Rows): string[] {
  const codes = new Set([...before, ...after].map((row) => row.code))
  return [...codes].filter((code) => !same(found<{ code: string }>(before, code), found<{ code: string }>(after, code)))
}

/** The codes of what differs between two states. */
export function changes(before: Draft, after: Draft): { causes: string[]; departments: string[] } {
  return { causes: differing(before.causes, after.causes), departments: differing(before.departments, after.departments) }
}

function together<T extends Cause | Department>(base: T[], mine: T[], theirs: T[]): { rows: T[]; clashes: string[] } {
  const own = new Set(differing(base as Rows, mine as Rows))
  const clashes = differing(base as Rows, theirs as Rows).filter((code) => own.has(code) && !same(found(mine, code), found(theirs, code)))
  const kept = theirs.flatMap((row) => (own.has(row.code) ? (found(mine, row.code) ?? []) : row))
  const added = mine.filter((row) => own.has(row.code) && !found(theirs, row.code))
  return { rows: copied([...kept, ...added]), clashes }
}

/** My changes on top of what somebody else saved meanwhile; `clashes`: rows that both of us changed, mine kept. */
export function rebased(base: Draft, mine: Draft, theirs: Draft): { draft: Draft; clashes: string[] } {
  const causes = together(base.causes, mine.causes, theirs.causes)
  const departments = together(base.departments, mine.departments, theirs.departments)
  return { draft: { causes: causes.rows, departments: departments.rows }, clashes: [...departments.clashes, ...causes.clashes] }
}

export const CODE = /^[a-z0-9_]+(\.[a-z0-9_]+)*$/

export type WrongField = 'code' | 'label_zh' | 'window_days'

/** The first field of a cause that the service would refuse. */
export function wrongField(cause: Cause, taken: string[]): WrongField | undefined {
  if (!CODE.test(cause.code) || cause.code === 'other' || taken.includes(cause.code)) return 'code'
  if (!cause.label_zh.trim()) return 'label_zh'
  return Number.isInteger(cause.window_days) && cause.window_days >= 1 && cause.window_days <= 90 ? undefined : 'window_days'
}

/** One a line, blanks and repeats left out. */
export const lines = (text: string): string[] => [...new Set(text.split('\n').map((line) => line.trim()))].filter(Boolean)
