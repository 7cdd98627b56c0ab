/** The small charts of all causes, read once for the whole list. */

import { draw, type Drawing, type Series } from '../kit/sparkline'
import { ratio } from '../figures'
import { t } from './words'

export interface Trends {
  weeks: string[]
  causes: Record<string, Series & { contacts: number[] }>
}

export interface Small {
  drawing: Drawing
  label: string
}

/** A chart for each cause that has a figure in any of the weeks, with what it shows in words. */
export function smallCharts(trends: Trends | undefined): Map<string, Small> {
  const found = new Map<string, Small>()
  for (const [cause, series] of Object.entries(trends?.causes ?? {})) {
    const drawing = draw(series)
    if (drawing) found.set(cause, { drawing, label: told(series, trends!.weeks) })
  }
  return found
}

/** The newest week with a figure, its limits, and the weeks with a signal. */
export function told(series: Series, weeks: string[]): string {
  const at = series.rates.findLastIndex((rate) => rate !== null)
  const pair = series.limits[at]
  const short = (week: string) => week.slice(5)
  const places = { rate: ratio(series.rates[at]), week: short(weeks[at]!) }
  const first = pair ? t('trend', { ...places, low: ratio(pair[0]), high: ratio(pair[1]) }) : t('trendNoLimits', places)
  const which = (fits: (signals: string[]) => boolean) => weeks.filter((_, n) => fits(series.signals[n] ?? [])).map(short).join(' ')
  const outside = which((signals) => signals.includes('outside'))
  const run = which((signals) => signals.length > 0 && !signals.includes('outside'))
  return first + (outside && t('trendOutside', { weeks: outside })) + (run && t('trendRun', { weeks: run }))
}
