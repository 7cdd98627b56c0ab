/** What changed, in the fewest words: only signals are changes. */

import { weekLabel } from '../charts/scale'
import { share, yuan } from '../figures'
import type { Change, Overview, ProjectRow, Rank } from './overview'
import { t } from './words'

/** The page in one sentence. */
export function headline(data: Pick<Overview, 'week' | 'changes' | 'skyline'>): string {
  const of = (kind: Change['kind']) => data.changes.filter((one) => one.kind === kind)
  const week = weekLabel(data.week)
  const alarms = of('alarm')
  const fresh = alarms.filter((one) => one.new).length
  if (alarms.length) return t(fresh ? 'headAlarmsNew' : 'headAlarms', { week, n: alarms.length, fresh })
  if (of('signal').length) return t('headSignal', { week })
  if (of('not_judged').length) return t('headNotJudged', { week })
  if (of('not_enough_data').length) return t('headTooFew', { week })
  const points = data.skyline.causes.filter((one) => one.bars.at(-1)?.signals.length).length
  return points ? t('headPoints', { week, n: points }) : t('headQuiet', { week })
}

/** Why an alarm counts: what it cost in four weeks, how much it hurts, and whether anybody works on it. */
export function weight(rank: Rank | undefined): string {
  if (!rank) return ''
  return t('weight', { cost: yuan(rank.cost), share: share(rank.share), irritation: rank.irritation.toFixed(2) })
}

/** The projects on a cause that have not ended. */
export function working(cause: string, rows: readonly ProjectRow[]): ProjectRow[] {
  return rows.filter((one) => one.project.plan.cause === cause && one.project.state !== 'ended')
}

/** On which sign a change stands: colour never alone. */
export function tone(change: Change): 'bad' | 'warn' | '' {
  if (change.kind === 'alarm') return change.snoozed ? '' : 'bad'
  if (change.kind === 'signal') return change.signals?.includes('outside') ? 'bad' : 'warn'
  return change.kind === 'missing_contacts' ? 'warn' : ''
}
