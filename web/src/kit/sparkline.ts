/** The lines of a small control chart: the limits as a band, the weeks as a line, signals as marks. */

export interface Series {
  /** null: no figure for that week, hence no point. */
  rates: (number | null)[]
  limits: ([low: number, high: number] | null)[]
  signals: string[][]
}

/** Paths: few elements, because a list has a thousand of these. */
export interface Drawing {
  band: string
  /** With a dot for a week that stands alone between two without a figure. */
  line: string
  outside: string
  run: string
}

export const WIDTH = 104
export const HEIGHT = 26
const EDGE = 4

/** Undefined when no week has a figure. */
export function draw(series: Series): Drawing | undefined {
  const values = [...series.rates, ...series.limits.flatMap((pair) => pair ?? [])].filter((v): v is number => v !== null)
  if (series.rates.every((rate) => rate === null)) return undefined
  const low = Math.min(...values)
  const span = Math.max(...values) - low
  const step = (WIDTH - 2 * EDGE) / Math.max(1, series.rates.length - 1)
  const x = (at: number) => round(EDGE + at * step)
  // Where nothing differs the line lies in the middle.
  const y = (value: number) => round(span ? HEIGHT - EDGE - ((value - low) / span) * (HEIGHT - 2 * EDGE) : HEIGHT / 2)

  const runs = runsOf(series.rates)
  const bands = runsOf(series.limits)
  return {
    band: bands.map((run) => band(run, x, y)).join(''),
    line: runs.map((run) => (run.length > 1 ? path(run.map(([at, rate]) => [x(at), y(rate)])) : ring(x(run[0]![0]), y(run[0]![1]), 1))).join(''),
    outside: marks((signals) => signals.includes('outside'), diamond),
    run: marks((signals) => signals.length > 0 && !signals.includes('outside'), (px, py) => ring(px, py, 2.5)),
  }

  function marks(fits: (signals: string[]) => boolean, shape: (x: number, y: number) => string): string {
    return series.rates.map((rate, at) => (rate !== null && fits(series.signals[at] ?? []) ? shape(x(at), y(rate)) : '')).join('')
  }
}

/** Stretches without a gap, each value with its place. */
function runsOf<T>(values: (T | null)[]): [at: number, value: T][][] {
  const runs: [number, T][][] = []
  values.forEach((value, at) => {
    if (value === null) return
    if (at > 0 && values[at - 1] !== null) runs.at(-1)!.push([at, value])
    else runs.push([[at, value]])
  })
  return runs
}

function band(run: [number, [number, number]][], x: (at: number) => number, y: (value: number) => number): string {
  const top = run.map(([at, pair]) => [x(at), y(pair[1])])
  const bottom = run.map(([at, pair]) => [x(at), y(pair[0])]).reverse()
  return `${path([...top, ...bottom])}Z`
}

function diamond(x: number, y: number): string {
  return `M${x} ${y - 3.5}l3.5 3.5l-3.5 3.5l-3.5 -3.5Z`
}

function ring(x: number, y: number, r: number): string {
  return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`
}

function path(points: number[][]): string {
  return points.map(([px, py], at) => `${at ? 'L' : 'M'}${px} ${py}`).join('')
}

function round(n: number): number {
  return Math.round(n * 10) / 10
}
