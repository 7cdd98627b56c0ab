/** ISO weeks in Shanghai, as the service names them: 2026-W47. */

const DAY = 86_400_000
const AHEAD = 8 * 3_600_000

/** The week of a moment. */
export function weekOf(moment: number): string {
  return named(Math.floor((moment + AHEAD) / DAY) * DAY)
}

/** The week so many weeks earlier. */
export function back(week: string, n: number): string {
  return named(monday(week) - 7 * n * DAY)
}

/** So many weeks from one to another, both included; 0 when they are the wrong way round. */
export function between(first: string, last: string): number {
  return Math.max(0, Math.round((monday(last) - monday(first)) / (7 * DAY)) + 1)
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
