/** ISO weeks in Shanghai, as addresses name them. */

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** 2026-W47 of a moment in that week. */
export function weekOf(moment: number): string {
  const wall = new Date(moment + 8 * HOUR)
  const thursday = new Date(wall.getTime() + (4 - (wall.getUTCDay() || 7)) * DAY)
  const year = thursday.getUTCFullYear()
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY)) + 1
  return `${year}-W${String(week).padStart(2, '0')}`
}

/** The first and the last of so many weeks up to this one. */
export function lastWeeks(now: Date, many: number): [first: string, last: string] {
  return [weekOf(now.getTime() - (many - 1) * 7 * DAY), weekOf(now.getTime())]
}
