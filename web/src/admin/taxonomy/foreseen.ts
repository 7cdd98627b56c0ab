/** What the service foresees of a next version. */

type Values = Record<string, string | number | string[]>

export interface Changed {
  cause: string
  what: string[]
  /** By field; of the customers' words only those that go and come. */
  from: Values
  to: Values
  cuts: boolean
  contacts: number
}

/** What the new owner of a cause does not take over. */
export interface Owners {
  from: string
  to: string
  /** Open cases by the department that stays accountable; `capped`: there may be more. */
  cases: Record<string, number>
  capped: boolean
  projects: { id: string; title: string; department: string; state: string }[]
  /** First month of the ledger that charges the new owner. */
  month: string
}

export interface Foreseen {
  number: number
  changes: Changed[]
  owners: Record<string, Owners>
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
