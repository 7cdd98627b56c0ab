/** What a control chart says now: of the last finished week only what a signal says, never up or down by itself. */

import { weekLabel } from './scale'
import { shown, signalWords, type Control } from './points'
import { t } from './words'

/** The sentence under the title. */
export function finding(given: Pick<Control, 'points' | 'show'>): string {
  const last = given.points.at(-1)
  if (!last) return t('sayNothing')
  const at = { week: weekLabel(last.week), value: shown(last, given.show) }
  if (last.value === null) return t('sayNoValue', at)
  if (!last.limits || last.mean === null) return t('sayNoLimits', at)
  const limits = { ...at, mean: given.show(last.mean), low: given.show(last.limits[0]), high: given.show(last.limits[1]) }
  if (!last.signals.length) return t('sayQuiet', limits) + earlier(given)
  return t(last.side === 'below' ? 'sayBelow' : 'sayAbove', { ...limits, signals: signalWords(last.signals) })
}

/** Which shown weeks before were beyond a limit. */
function earlier(given: Pick<Control, 'points'>): string {
  const weeks = given.points.filter((one) => one.signals.includes('outside')).map((one) => weekLabel(one.week))
  return weeks.length ? t('sayEarlier', { weeks: weeks.slice(-4).join(t('comma')), n: weeks.length }) : ''
}
