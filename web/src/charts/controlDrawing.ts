/** How a control chart looks. */

import { base, NARROW, type Look } from './drawing'
import type { Option, Series } from './echarts'
import { aired, saidValues } from './controlValues'
import { apart, lanes, widthOf } from './labels'
import { markOf, RUNS, signalWords, type Control, type Mark, type Point } from './points'
import { every, scale, tick, weekLabel, type Scale } from './scale'
import { circle, line, rect, scene, text, type Shape, type To } from './shapes'
import { beyond, legend, ring, type Key, type Legend } from './signs'
import { t } from './words'

const LANE = 17
const BOTTOM = 26
const [WIDE, TALL] = [1100, 240]

export interface Laid {
  weeks: string[]
  slot: number
  left: number
  right: number
  top: number
  bottom: number
  lane: number[]
  named: boolean
  legend: Legend
}

function laid(given: Control, look: Look, ticks: string[]): Laid {
  const named = look.width >= NARROW
  const weeks = [...given.points.map((one) => one.week), ...(given.running ? [given.running.week] : [])]
  const last = given.points.findLast((one) => one.limits)
  const ends = last ? [t('upper'), t('mean'), t('lower')].map((name) => (named ? `${name} ${given.show(last.limits![1])}` : name)) : []
  const left = Math.max(...ticks.map((one) => widthOf(one))) + 12
  const right = Math.max(8, ...ends.map((one) => widthOf(one) + 10))
  const slot = (look.width - left - right) / Math.max(weeks.length, 1)
  const marks = (given.marks ?? []).map((mark) => ({ x: left + (weeks.indexOf(mark.week) + 0.5) * slot, width: widthOf(nameOf(mark, look)) }))
  const lane = lanes(marks)
  const signs = legend(keys(given, look), look, left)
  const top = 14 + signs.height + (lane.length ? (Math.max(...lane) + 1) * LANE : 0)
  return { weeks, slot, left, right, top, bottom: look.height - BOTTOM, lane, named, legend: signs }
}

function nameOf(mark: Mark, look: Look): string {
  return look.width >= WIDE && look.height >= TALL && mark.long ? mark.long : mark.text
}

function keys(given: Control, look: Look): Key[] {
  const runs = RUNS.filter((rule) => given.points.some((one) => one.signals.includes(rule) && markOf(one.signals) === 'run'))
  const outside = given.points.some((one) => markOf(one.signals) === 'outside')
  return [
    ...(outside ? [[t('outside'), (x: number, y: number) => [beyond(look, x, y)]] as const] : []),
    // Each rule by itself: together they are longer than a phone is wide.
    ...runs.map((rule) => [t(rule), (x: number, y: number) => [ring(look, x, y)]] as const),
    ...(given.beside ? [[given.beside.name, (x: number, y: number) => whisker(look, x, y, y - 6, y + 6)] as const] : []),
    ...(given.running?.value != null ? [[t('running'), (x: number, y: number) => [circle(x, y, 4, { fill: look.colour.panel, stroke: look.colour.mute, lineWidth: 1.5 })]] as const] : []),
  ]
}

export function drawn(given: Control, look: Look): Option {
  const values = [...given.points, ...(given.running ? [given.running] : [])].flatMap((one) => [one.value, ...((one as Partial<Point>).limits ?? [])]).filter((one) => one !== null)
  const other = [...(given.beside?.weeks.values() ?? [])].flatMap((one) => [one.low, one.high]).filter((one) => one != null)
  const axis = axisOf([...values, ...other, ...aired(given.points, values, look)], given.one)
  const ticks = Array.from({ length: Math.round((axis.max - axis.min) / axis.step) + 1 }, (_, i) => tick(given.show(axis.min + i * axis.step)))
  const plan = laid(given, look, ticks)
  const skip = every(plan.weeks.length, 44, look.width - plan.left - plan.right)
  const from = (plan.weeks.length - 1) % skip
  return {
    ...base(look),
    grid: { left: plan.left, right: plan.right, top: plan.top, bottom: BOTTOM },
    xAxis: {
      type: 'category',
      data: plan.weeks,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: look.colour.edge } },
      axisLabel: { color: look.colour.mute, fontSize: 12, interval: (i: number) => i % skip === from, formatter: weekLabel },
    },
    yAxis: {
      type: 'value',
      min: axis.min,
      max: axis.max,
      interval: axis.step,
      axisLabel: { color: look.colour.mute, fontSize: 12, formatter: (value: number) => tick(given.show(value)) },
      splitLine: { lineStyle: { color: look.colour.line } },
    },
    series: [
      scene(1, (x, y) => [...bands(given, look, plan, x, y), ...ends(given, look, plan, y), ...marks(given, look, plan, x), ...plan.legend.shapes]),
      {
        type: 'line',
        z: 3,
        silent: true,
        data: given.points.map((one) => one.value),
        symbol: 'none',
        lineStyle: { color: look.colour.accent, width: 1.5 },
      },
      ...dots(given, look),
      scene(2, (x, y) => besides(given, look, plan, x, y)),
      scene(5, (x, y) => saidValues(given, look, plan, x, y)),
    ],
  }
}

function bands(given: Control, look: Look, plan: Laid, x: To, y: To): Shape[] {
  return given.points.flatMap((one, i) => {
    if (one.mean === null) return []
    const [from, to] = [x(i) - plan.slot / 2, x(i) + plan.slot / 2]
    const grey = { stroke: look.colour.edge, lineWidth: 1 }
    const mean = line(from, y(one.mean), to, y(one.mean), grey)
    if (!one.limits) return [mean]
    const [low, high] = one.limits.map(y) as [number, number]
    const dashed = { ...grey, lineDash: [4, 3] }
    return [rect(from, high, to - from + 0.5, low - high, { fill: look.colour.sunken, opacity: 0.75 }), line(from, high, to, high, dashed), line(from, low, to, low, dashed), mean]
  })
}

/** The second line: a point a week with its interval, no line between them. */
function besides(given: Control, look: Look, plan: Laid, x: To, y: To): Shape[] {
  return plan.weeks.flatMap((week, i) => {
    const one = given.beside?.weeks.get(week)
    return one?.value == null ? [] : whisker(look, x(i) + Math.min(6, plan.slot / 4), y(one.value), y(one.low ?? one.value), y(one.high ?? one.value))
  })
}

function whisker(look: Look, x: number, y: number, low: number, high: number): Shape[] {
  const style = { stroke: look.colour.ink, lineWidth: 1 }
  return [line(x, low, x, high, style), rect(x - 2.5, y - 2.5, 5, 5, { fill: look.colour.panel, ...style })]
}

/** The limits' names where they end, instead of a legend. */
function ends(given: Control, look: Look, plan: Laid, y: To): Shape[] {
  const last = given.points.findLast((one) => one.limits)
  if (!last?.limits || last.mean === null) return []
  const lines: [name: string, value: number][] = [[t('upper'), last.limits[1]], [t('mean'), last.mean], [t('lower'), last.limits[0]]] // prettier-ignore
  const places = apart(lines.map(([, value]) => y(value)), 15, plan.top, plan.bottom) // prettier-ignore
  return lines.map(([name, value], i) =>
    text(look.width - plan.right + 6, places[i]!, plan.named ? `${name} ${given.show(value)}` : name, { fill: look.colour.mute, fontFamily: look.font }),
  )
}

function marks(given: Control, look: Look, plan: Laid, x: To): Shape[] {
  const found = (given.marks ?? []).flatMap((mark, i) => {
    const place = plan.weeks.indexOf(mark.week)
    if (place < 0) return []
    const [at, high, half] = [x(place), plan.top - 8 - plan.lane[i]! * LANE, widthOf(nameOf(mark, look)) / 2]
    const middle = Math.min(Math.max(at, half), look.width - half)
    const style = mark.kind === 'project' ? { stroke: look.colour.ink } : { stroke: look.colour.mute, lineDash: mark.kind === 'seam' ? [2, 3] : [6, 3] }
    const said = text(middle, high, nameOf(mark, look), { align: 'center', fill: look.colour.ink, backgroundColor: look.colour.panel, fontFamily: look.font })
    return [{ rule: line(at, high + 8, at, plan.bottom, { ...style, lineWidth: 1 }), said }]
  })
  // A line of one may pass the text of another: texts lie on top.
  return [...found.map((one) => one.rule), ...found.map((one) => one.said)]
}

function axisOf(values: readonly number[], one = 1): Scale {
  const { min, max, step } = scale(values.map((value) => value / one))
  return { min: min * one, max: max * one, step: step * one }
}

/** The points: plain ones small, signals with shape. */
function dots(given: Control, look: Look): Series[] {
  const tip = given.points.map((one) => tipOf(given, one))
  const data = given.points.map((one, i) => {
    const mark = markOf(one.signals)
    const sign = {
      outside: { symbol: 'diamond', symbolSize: 13, itemStyle: { color: look.colour.bad } },
      run: { symbol: 'circle', symbolSize: 9, itemStyle: { color: look.colour.panel, borderColor: look.colour.warn, borderWidth: 2 } },
      '': { symbol: 'circle', symbolSize: 5, itemStyle: { color: look.colour.accent } },
    }[mark]
    return { value: one.value === null ? '-' : [one.week, one.value], to: given.to?.(one.week), tip: tip[i], ...sign }
  })
  const now = given.running
  if (now?.value != null)
    data.push({
      value: [now.week, now.value],
      to: given.to?.(now.week),
      tip: `${now.week} ${t('runningNote')}\n${given.show(now.value)}`,
      symbol: 'circle',
      symbolSize: 8,
      itemStyle: { color: look.colour.panel, borderColor: look.colour.mute, borderWidth: 1.5 },
    } as never)
  return [{ type: 'scatter', z: 4, data, clip: false, tooltip: { formatter: (at: unknown) => (at as { data: { tip: string } }).data.tip } } as never]
}

function tipOf(given: Control, one: Point): string {
  const limits = one.limits ? `${t('lower')} ${given.show(one.limits[0])}  ${t('mean')} ${given.show(one.mean)}  ${t('upper')} ${given.show(one.limits[1])}` : t('noLimits')
  const behind = one.n ? `${one.count} / ${one.n}` : String(one.count)
  return [`${one.week}  ${given.show(one.value)}`, behind, limits, ...(one.signals.length ? [signalWords(one.signals)] : [])].join('\n')
}
