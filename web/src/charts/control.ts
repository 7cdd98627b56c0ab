/** The control chart: limits stepped week by week, signals with a shape of their own, seams and projects as lines. */

import { drawn } from './controlDrawing'
import { measured, NARROW, type Cell, type Drawing, type Head, type Table } from './drawing'
import { shown, signalWords, type Control, type Week } from './points'
import { t } from './words'

export function control(given: Control): Drawing {
  return { height: (width) => (width < NARROW ? 240 : 300), option: (look) => drawn(given, look), table: controlTable(given) }
}

function controlTable(given: Control): Table {
  const names = new Map<string, string[]>()
  for (const mark of given.marks ?? []) names.set(mark.week, [...(names.get(mark.week) ?? []), mark.text])
  const marked = names.size > 0
  const of = (value: number | null | undefined) => (value == null ? null : value / (given.one ?? 1))
  const number = (value: number | null | undefined): Cell => ({ text: given.show(value ?? null), value: of(value) })
  const counted = (one: Week): Cell[] => {
    const to = given.to?.(one.week)
    const [week, number] = [{ text: one.week }, { text: String(one.count), value: one.count }]
    return given.counts ? [{ ...week, to }, number] : [week, { ...number, to }]
  }
  const beside = (week: string): Cell[] => {
    const one = given.beside?.weeks.get(week)
    if (!given.beside) return []
    return [{ text: one?.value == null ? t((one?.state ?? 'not_yet_known') as 'no_data') : given.show(one.value), value: of(one?.value) ?? t((one?.state ?? 'not_yet_known') as 'no_data') }, number(one?.low), number(one?.high)]
  }
  const rows = given.points.map((one) => [
    ...counted(one),
    { text: one.n ? String(one.n) : '—', value: one.n || null },
    { text: shown(one, given.show), value: of(one.value) ?? t(one.state as 'no_data'), strong: one.signals.length > 0 },
    number(one.limits?.[0]),
    number(one.mean),
    number(one.limits?.[1]),
    ...beside(one.week),
    { text: signalWords(one.signals), strong: one.signals.length > 0 },
    ...(marked ? [{ text: names.get(one.week)?.join(' · ') ?? '' }] : []),
  ])
  const now = given.running
  if (now)
    rows.push([
      ...counted(now),
      { text: now.n ? String(now.n) : '—', value: now.n || null },
      { text: shown(now, given.show), value: of(now.value) ?? t(now.state as 'no_data') },
      number(null),
      number(null),
      number(null),
      ...beside(now.week),
      { text: t('runningNote') },
      ...(marked ? [{ text: names.get(now.week)?.join(' · ') ?? '' }] : []),
    ])
  const value = (name: string): Head => (given.unit ? measured(name, given.unit) : { text: name, number: true })
  const head: Head[] = [
    { text: t('week'), file: t('isoWeek') },
    { text: given.counts ?? t('count'), number: true },
    given.base ? measured(t('base'), given.base) : { text: t('base'), number: true },
    ...[t('value'), t('lower'), t('mean'), t('upper'), ...(given.beside ? [given.beside.name, t('low95'), t('high95')] : [])].map(value),
    { text: t('signal') },
    ...(marked ? [{ text: t('note') }] : []),
  ]
  return { head, rows: rows.reverse() }
}
