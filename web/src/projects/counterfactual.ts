/** What was counted, beside what would have been counted without the project, with its 90 % band: of the service. */

import { base, NARROW, type Drawing, type Look, type Table } from '../charts/drawing'
import type { Option, Series } from '../charts/echarts'
import { apart, widthOf } from '../charts/labels'
import { every, scale, weekLabel } from '../charts/scale'
import { line, rect, scene, text, type Shape, type To } from '../charts/shapes'
import { count } from '../figures'
import type { LinePoint } from './project'
import { t } from './words'
import { between } from '../weeks'

export interface Counterfactual {
  line: LinePoint[]
  /** The week of the start, and the first week that counts. */
  start: string
  counts: string
  to?: (week: string) => string | undefined
}

const BOTTOM = 26
const TOP = 30

export function counterfactual(given: Counterfactual): Drawing {
  return { height: (width) => (width < NARROW ? 240 : 280), option: (look) => option(given, look), table: table(given) }
}

/** Weeks that count, what came in them, and what would have come. */
export function after(given: Counterfactual): { weeks: number; count: number; expected: number } {
  const counted = given.line.filter((one) => one.time >= given.counts)
  const sum = (of: (one: LinePoint) => number) => counted.reduce((total, one) => total + of(one), 0)
  return { weeks: counted.length, count: sum((one) => one.count), expected: sum((one) => one.expected) }
}

/** All weeks from the first to the last, those left out too: a gap stays a gap. */
export function calendar(points: LinePoint[]): string[] {
  const [first, last] = [points[0]?.time, points.at(-1)?.time]
  if (!first || !last) return []
  return between(first, last)
}

function table(given: Counterfactual): Table {
  const shown = (n: number) => ({ text: count(Math.round(n)), value: n })
  const head = [t('week'), t('actual'), t('without'), t('bandLow'), t('bandHigh'), '']
  const rows = given.line.map((one) => [
    { text: one.time },
    { text: count(one.count), value: one.count, to: given.to?.(one.time) },
    shown(one.expected),
    shown(one.low),
    shown(one.high),
    { text: one.time >= given.counts ? '' : t('beforeStart') },
  ])
  return { head: head.map((name, at) => ({ text: name, number: at > 0 && at < 5 })), rows: rows.reverse() }
}

interface Laid {
  weeks: string[]
  points: (LinePoint | undefined)[]
  left: number
  right: number
}

function option(given: Counterfactual, look: Look): Option {
  const weeks = calendar(given.line)
  const points = weeks.map((week) => given.line.find((one) => one.time === week))
  const axis = scale(given.line.flatMap((one) => [one.count, one.low, one.high]))
  const left = widthOf(count(axis.max)) + 12
  const right = Math.max(...[t('actual'), t('without'), t('band')].map((name) => widthOf(name) + 12))
  const plan = { weeks, points, left, right }
  const skip = every(weeks.length, 44, look.width - left - right)
  const tick = { color: look.colour.mute, fontSize: 12 }
  return {
    ...base(look),
    grid: { left, right, top: TOP, bottom: BOTTOM },
    xAxis: {
      type: 'category',
      data: weeks,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: look.colour.edge } },
      axisLabel: { ...tick, interval: (at: number) => at % skip === (weeks.length - 1) % skip, formatter: weekLabel },
    },
    yAxis: {
      type: 'value',
      min: axis.min,
      max: axis.max,
      interval: axis.step,
      axisLabel: { ...tick, formatter: (value: number) => count(value) },
      splitLine: { lineStyle: { color: look.colour.line } },
    },
    series: [
      scene(1, (x, y) => [...washing(given, look, plan, x), ...band(look, plan, x, y), ...names(look, plan, y)]),
      lineOf(points.map((one) => one?.expected), { color: look.colour.mute, width: 1.5, type: 'dashed' }),
      lineOf(points.map((one) => one?.count), { color: look.colour.accent, width: 2, type: 'solid' }),
      dots(given, look, plan),
    ],
  }
}

function lineOf(values: (number | undefined)[], lineStyle: Record<string, unknown>): Series {
  return { type: 'line', z: 3, silent: true, symbol: 'none', data: values.map((one) => one ?? '-'), lineStyle } as Series
}

/** The band week by week, so that a week which is left out leaves a gap. */
function band(look: Look, plan: Laid, x: To, y: To): Shape[] {
  const half = plan.weeks.length > 1 ? (x(1) - x(0)) / 2 : 8
  return plan.points.flatMap((one, at) =>
    one ? [rect(x(at) - half, y(one.high), 2 * half + 0.5, Math.max(1, y(one.low) - y(one.high)), { fill: look.colour.sunken })] : [],
  )
}

/** The start as a line, the wash-in as a hatched edge beside it: weeks that do not count. */
function washing(given: Counterfactual, look: Look, plan: Laid, x: To): Shape[] {
  const at = plan.weeks.indexOf(given.start)
  const begin = at >= 0 ? x(at) : plan.weeks.at(-1)! < given.start ? undefined : plan.left
  if (begin === undefined) return []
  const slot = plan.weeks.length > 1 ? x(1) - x(0) : 16
  const from = begin - slot / 2
  const weeks = between(given.start, given.counts).length - 1
  const low = look.height - BOTTOM
  const said = weeks > 0 ? `${t('startMark')} · ${t('washMark')}` : t('startMark')
  const middle = Math.min(Math.max(from, widthOf(said) / 2), look.width - widthOf(said) / 2)
  const edge = { stroke: look.colour.ink, lineWidth: 1 }
  return [
    ...(weeks > 0 ? [rect(from, TOP, weeks * slot, low - TOP, { fill: look.colour['accent-soft'] })] : []),
    line(from, TOP - 6, from, low, edge),
    ...(weeks > 0 ? [line(from + weeks * slot, TOP, from + weeks * slot, low, { ...edge, lineDash: [3, 3] })] : []),
    text(middle, TOP - 14, said, { align: 'center', fill: look.colour.ink, fontFamily: look.font }),
  ]
}

/** Names where the lines end, instead of a legend. */
function names(look: Look, plan: Laid, y: To): Shape[] {
  const last = plan.points.findLast(Boolean)
  if (!last) return []
  const ends: [name: string, value: number][] = [[t('actual'), last.count], [t('without'), last.expected], [t('band'), last.high]] // prettier-ignore
  const places = apart(ends.map(([, value]) => y(value)), 15, TOP, look.height - BOTTOM) // prettier-ignore
  return ends.map(([name], at) =>
    text(look.width - plan.right + 8, places[at]!, name, { fill: at ? look.colour.mute : look.colour.ink, fontFamily: look.font }),
  )
}

function dots(given: Counterfactual, look: Look, plan: Laid): Series {
  const data = plan.points.flatMap((one) =>
    one ? [{ value: [one.time, one.count], to: given.to?.(one.time), tip: tipOf(one), symbol: 'circle', symbolSize: 5, itemStyle: { color: look.colour.accent } }] : [],
  )
  const formatter = (at: unknown) => (at as { data: { tip: string } }).data.tip
  return { type: 'scatter', z: 4, data, clip: false, tooltip: { formatter } } as unknown as Series
}

function tipOf(one: LinePoint): string {
  const round = (n: number) => count(Math.round(n))
  return `${one.time}\n${t('actual')} ${count(one.count)}\n${t('without')} ${round(one.expected)} (${round(one.low)}–${round(one.high)})`
}
