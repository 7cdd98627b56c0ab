/** Opening hours, own days and limits as they are typed. */

import { t } from './wordsCalendar'
import type { Settings } from './settings'

export const CLASSES = ['danger', 'urgent', 'ordinary', 'complex'] as const

/** The settings name the limits of severity 3 to 0; people are shown the one scale that contacts have. */
export function severityOf(name: (typeof CLASSES)[number]): string {
  return t(`severity_${(CLASSES.length - 1 - CLASSES.indexOf(name)) as 0 | 1 | 2 | 3}`)
}
export const SINGLE = ['task', 'andon', 'callback', 'dispute'] as const
const LIMIT = /^\s*\d{1,4}\s*[hdc]\s*$/i
const TIME = /^([01]?\d|2[0-4]):[0-5]\d$/

export type Calendar = Pick<Settings, 'holidays' | 'workdays' | 'clocks' | (typeof SINGLE)[number]> & { opens: string; closes: string }

export function calendarOf(settings: Settings): Calendar {
  const [opens = '', closes = ''] = settings.hours.split('-')
  const { holidays, workdays, clocks, task, andon, callback, dispute } = settings
  return JSON.parse(JSON.stringify({ opens, closes, holidays, workdays, clocks, task, andon, callback, dispute })) as Calendar
}

/** As the service takes it. */
export function settingsOf({ opens, closes, ...rest }: Calendar): Partial<Settings> {
  return { hours: `${opens}-${closes}`, ...rest }
}

const minutes = (time: string) => Number(time.split(':')[0]) * 60 + Number(time.split(':')[1])

export function hoursWrong({ opens, closes }: Pick<Calendar, 'opens' | 'closes'>): boolean {
  return !TIME.test(opens) || !TIME.test(closes) || minutes(opens) >= minutes(closes) || minutes(closes) > 24 * 60
}

export const limitWrong = (limit: string): boolean => !LIMIT.test(limit) || !Number.parseInt(limit, 10)

export function anythingWrong(calendar: Calendar): boolean {
  const limits = [...CLASSES.flatMap((one) => Object.values(calendar.clocks[one])), ...SINGLE.map((one) => calendar[one])]
  return hoursWrong(calendar) || limits.some(limitWrong)
}

/** With one more day, in order, each once. */
export const withDay = (days: string[], day: string): string[] => [...new Set([...days, day])].sort()

/** Days that follow each other under one name as one line: 2026-10-01 – 10-07 国庆节. */
export function runs<T extends { day: string; zh: string; en: string }>(days: T[]): { first: string; last: string; zh: string; en: string }[] {
  const found: { first: string; last: string; zh: string; en: string }[] = []
  for (const { day, zh, en } of days) {
    const open = found.at(-1)
    if (open && open.zh === zh && Date.parse(day) - Date.parse(open.last) === 86_400_000) open.last = day
    else found.push({ first: day, last: day, zh, en })
  }
  return found
}
