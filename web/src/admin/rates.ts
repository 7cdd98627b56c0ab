/** Costs by channel as they are typed: yuan in the fields, fen in the store. */

import { CHANNELS } from './channels'
import type { Rate, Settings } from './settings'

export interface Row {
  channel: string
  /** Has rates of its own. */
  own: boolean
  perHour: string
  fixed: string
  usual: string
}

const DEFAULT = ''
const yuan = (fen: number) => String(fen / 100)

function row(channel: string, own: boolean, rate: Rate): Row {
  return { channel, own, perHour: yuan(rate.per_hour), fixed: yuan(rate.fixed), usual: String(rate.usual_seconds) }
}

/** All others first (channel ""), then every channel. */
export function rowsOf(settings: Settings): Row[] {
  const each = CHANNELS.map((channel) => row(channel, channel in settings.rates, settings.rates[channel] ?? settings.default_rate))
  return [row(DEFAULT, true, settings.default_rate), ...each]
}

const fen = (text: string) => (/^\d{1,7}(\.\d{1,2})?$/.test(text.trim()) ? Math.round(Number(text) * 100) : undefined)
const seconds = (text: string) => (/^\d{1,6}$/.test(text.trim()) ? Number(text) : undefined)

/** Whether a field of a row that counts cannot be taken. */
export function wrong(one: Row, field: 'perHour' | 'fixed' | 'usual'): boolean {
  return one.own && (field === 'usual' ? seconds(one.usual) : fen(one[field])) === undefined
}

/** As the service takes it; undefined while something is wrong. */
export function settingsOf(rows: Row[]): Pick<Settings, 'rates' | 'default_rate'> | undefined {
  const rates: Record<string, Rate> = {}
  for (const one of rows.filter((each) => each.own)) {
    const [per_hour, fixed, usual_seconds] = [fen(one.perHour), fen(one.fixed), seconds(one.usual)]
    if (per_hour === undefined || fixed === undefined || usual_seconds === undefined) return undefined
    rates[one.channel] = { per_hour, fixed, usual_seconds }
  }
  const { [DEFAULT]: default_rate, ...own } = rates
  return default_rate && { default_rate, rates: own }
}
