/** What the service foresees of a next version. */

export interface Foreseen {
  number: number
  changes: { cause: string; what: string[]; cuts: boolean; contacts: number }[]
  causes: string[]
  departments: string[]
  kept: string[]
  projects: { id: string; title: string; cause: string; state: string }[]
  warnings: { zh: string; en: string }[]
}

export interface Change {
  taxonomy: number
  what: 'merge' | 'split'
  cause: string
  into: string[]
  by: string
  at: string
  owed: number
  cases: number
  done: boolean
}

export interface Version {
  taxonomy: number
  since: string
  by: string
  what: 'edit' | 'proposal' | 'merge' | 'split'
  week: string
  reaches: string
  causes: string[]
  departments: string[]
  active: number
}
