/** ISO weeks in Shanghai, as the service names them: 2026-W47. */

const DAY = 86_400_000
const AHEAD = 8 * 3_600_000

/** The week of a moment: milliseconds, or as the service writes it. */
export function weekOf(moment: number | string): string {
  const at = typeof moment === 'string' ? Date.parse(moment) : moment
  return named(Math.floor((at + AHEAD) / DAY) * DAY)
}

/** So many weeks later; earlier when n is negative. */
export function shift(week: string, n: number): string {
  return named(monday(week) + 7 * n * DAY)
}

/** All weeks from one to another, both included; none when they are the wrong way round. */
export function between(first: string, last: string): string[] {
  const n = Math.round((monday(last) - monday(first)) / (7 * DAY))
  return Array.from({ length: Math.max(0, n + 1) }, (_, i) => shift(first, i))
}

/** So many weeks that end with the one of `now`, the newest first. */
export function lastWeeks(now: number, many: number): string[] {
  return Array.from({ length: many }, (_, n) => shift(weekOf(now), -n))
}

/** "11-09 – 11-15": its Monday and Sunday. */
export function days(week: string): string {
  const day = (moment: number) => new Date(moment).toISOString().slice(5, 10)
  return `${day(monday(week))} – ${day(monday(week) + 6 * DAY)}`
}

/** The month its last day is in: 2026-11. */
export function monthOf(week: string): string {
  return new Date(monday(week) + 6 * DAY).toISOString().slice(0, 7)
}

function monday(week: string): number {
  const [year, n] = week.split('-W').map(Number)
  const fourth = Date.UTC(year!, 0, 4)
  return fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY + (n! - 1) * 7 * DAY
}

function named(day: number): string {
  const thursday = day + (3 - ((new Date(day).getUTCDay() + 6) % 7)) * DAY
  const year = new Date(thursday).getUTCFullYear()
  const n = Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * DAY)) + 1
  return `${year}-W${String(n).padStart(2, '0')}`
}
