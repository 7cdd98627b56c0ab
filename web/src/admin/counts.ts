/** Denominators and source counts as they are given and corrected. */

export interface Told {
  value: number
  by: string
  at: string | null
}

export interface Denominator {
  name: string
  period: string
  week: string
  segment: string
  value: number
  by: string
  at: string | null
  earlier: Told[]
}

export interface SourceCount {
  channel: string
  day: string
  count: number
  by: string
  at: string
  earlier: Told[]
}

export interface ChannelDay {
  channel: string
  day: string
  state: 'complete' | 'missing' | 'more_than_reported' | 'not_reported' | 'running'
  recorded: number
  reported: number | null
  missing: number
  alarm: boolean
}

export interface WeekValue {
  week: string
  /** Undefined: nobody gave any. */
  value: number | undefined
  /** How many days were given; 0: the week as a whole, or nothing. */
  days: number
  rows: Denominator[]
}

/** Of one denominator every week of a span, the newest first; days add up to their week. */
export function byWeek(rows: Denominator[], weeks: string[]): WeekValue[] {
  return weeks.map((week) => {
    const mine = rows.filter((row) => row.week === week && row.segment === 'all')
    const days = mine.filter((row) => !row.period.includes('W')).length
    return { week, value: mine.length ? mine.reduce((sum, row) => sum + row.value, 0) : undefined, days, rows: mine }
  })
}

/** A whole number of what was typed, with or without commas; undefined when it is none. */
export function whole(text: string): number | undefined {
  const plain = text.replace(/[,，\s]/g, '')
  return /^\d{1,12}$/.test(plain) ? Number(plain) : undefined
}
