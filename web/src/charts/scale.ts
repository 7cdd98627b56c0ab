/** Axes with round numbers. */

export interface Scale {
  min: number
  max: number
  step: number
}

/** Round steps over all of these values, with some air; from zero when the values lie near it. */
export function scale(values: readonly number[], ticks = 5): Scale {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  if (!values.length) return { min: 0, max: 1, step: 0.5 }
  const fromZero = low >= 0 && low < 0.4 * high
  const span = (fromZero ? high : high - low) || Math.abs(high) || 1
  const step = round(span / ticks)
  const min = fromZero ? 0 : low - 0.08 * span
  const places = 12
  const exact = (n: number) => Number((Math.floor(n + 1e-9) * step).toFixed(places))
  const bottom = exact(min / step)
  return { min: low >= 0 ? Math.max(0, bottom) : bottom, max: Number((Math.ceil((high + 0.06 * span) / step - 1e-9) * step).toFixed(places)), step }
}

/** The next of 1, 2, 2.5, 5 times a power of ten. */
function round(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step))
  return power * [1, 2, 2.5, 5, 10].find((one) => one >= step / power - 1e-9)!
}

/** Every how many labels of that width have room. */
export function every(labels: number, each: number, width: number): number {
  return Math.max(1, Math.ceil((labels * each) / Math.max(width, 1)))
}

/** "W46" of 2026-W46. */
export function weekLabel(week: string): string {
  return week.slice(5)
}

/** A round number without the digits that only say so: "24" of "24.00", "5%" of "5.0%". */
export function tick(shown: string): string {
  return shown.replace(/(\.\d*?)0+(?!\d)/, (_, kept: string) => (kept === '.' ? '' : kept))
}
