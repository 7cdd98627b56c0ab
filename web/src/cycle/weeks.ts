/** ISO weeks as the service writes them: 2026-W47. */

const DAY = 86_400_000

/** The week n weeks later; earlier when n is negative. */
export function shiftWeek(week: string, n: number): string {
  const monday = new Date(mondayOf(week) + 7 * n * DAY)
  const thursday = new Date(monday.getTime() + 3 * DAY)
  const year = thursday.getUTCFullYear()
  const number = 1 + Math.round((monday.getTime() - firstMonday(year)) / (7 * DAY))
  return `${year}-W${String(number).padStart(2, '0')}`
}

/** 11-16 to 11-22 of 2026-W47. */
export function daysOf(week: string): [first: string, last: string] {
  const monday = mondayOf(week)
  return [day(monday), day(monday + 6 * DAY)]
}

/** The moment a week ends in Shanghai, in milliseconds. */
export const endOf = (week: string) => mondayOf(week) + 7 * DAY - 8 * 3_600_000

const mondayOf = (week: string) => firstMonday(Number(week.slice(0, 4))) + 7 * DAY * (Number(week.slice(6)) - 1)

/** The Monday of the week that holds January 4th. */
function firstMonday(year: number): number {
  const fourth = Date.UTC(year, 0, 4)
  return fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY
}

const day = (at: number) => new Date(at).toISOString().slice(5, 10)
