/** When something is promised for, as people say it; wall time is the company's, Asia/Shanghai, wherever one sits. */

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Shanghai has no summer time. */
const AHEAD = 8 * HOUR
const HALF = 30

/** 2026-11-19T18:00 of a moment: what a date field shows, and what the service takes without a zone. */
export function wall(moment: number): string {
  return new Date(moment + AHEAD).toISOString().slice(0, 16)
}

/** The moment of such a wall time; NaN when it is none. */
export function momentOf(text: string): number {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? Date.parse(`${text}:00Z`) - AHEAD : Number.NaN
}

export interface Quick {
  key: 'inTwoHours' | 'atOpening' | 'today' | 'tomorrowNoon' | 'tomorrow' | 'inThreeDays'
  due: string
}

/** When somebody is there to keep a promise: "09:00-18:00", and days as 2026-11-19. */
export interface Working {
  hours: string
  days: string[]
}

/** That time, or the next opening after it when nobody works then. */
function soonest(soon: string, working: Working | undefined): Quick {
  const [day, time] = soon.split('T') as [string, string]
  const [opens, closes] = (working?.hours ?? '').split('-') as [string, string]
  if (!working || (working.days.includes(day) && opens <= time && time <= closes)) return { key: 'inTwoHours', due: soon }
  const next = working.days.find((one) => one > day || (one === day && time < opens))
  return next ? { key: 'atOpening', due: `${next}T${opens}` } : { key: 'inTwoHours', due: soon }
}

/** Times that are often promised, the nearest first; only those that still lie well ahead. */
export function quick(now: number, working?: Working): Quick[] {
  const at = (days: number, hour: string): string => `${wall(now + days * DAY).slice(0, 10)}T${hour}:00`
  const soon = Math.ceil((now + 2 * HOUR) / (HALF * MINUTE)) * HALF * MINUTE
  const all: Quick[] = [
    soonest(wall(soon), working),
    { key: 'today', due: at(0, '18') },
    { key: 'tomorrowNoon', due: at(1, '12') },
    { key: 'tomorrow', due: at(1, '18') },
    { key: 'inThreeDays', due: at(3, '18') },
  ]
  return all.filter((one) => momentOf(one.due) - now > HALF * MINUTE).sort((a, b) => momentOf(a.due) - momentOf(b.due))
}

export interface Left {
  late: boolean
  days: number
  hours: number
  minutes: number
}

/** What is left until then, or how long it has been over. */
export function left(due: string, now: number): Left {
  const span = Date.parse(due) - now
  const minutes = Math.floor(Math.abs(span) / MINUTE)
  return { late: span < 0, days: Math.floor(minutes / 1440), hours: Math.floor((minutes % 1440) / 60), minutes: minutes % 60 }
}
