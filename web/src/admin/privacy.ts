/** What the service tells of one person, of erasures and of readings. */

export interface Customer {
  id: string
  shown: string
  segment: string
  tier: string
  consent: boolean | null
  first_seen: string
}

export type Held = Record<'contacts' | 'cases' | 'callbacks' | 'promises' | 'readings', number>

export interface Receipt {
  id: string
  at: string
  by: string
  reason: string
  contacts: number
  cases: number
  callbacks: number
  promises: number
}

export interface Reading {
  at: string
  by: string
  what: string
  purpose: string
  contact: string
  customer: string
  rows?: number | null
}

/** Each in English and, with _zh, in Chinese. */
export type Purpose = Record<'field' | 'field_zh' | 'kept' | 'kept_zh' | 'purpose_zh' | 'purpose_en' | 'until_zh' | 'until_en', string>
