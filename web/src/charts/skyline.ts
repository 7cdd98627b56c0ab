/** Skyline: weeks side by side for each of the top series. Each has an X of its own, so heights are multiples of its own mean. */

import { NARROW, type Cell, type Drawing, type Look } from './drawing'
import { balanced, cut, widthOf } from './labels'
import { pixels, type Item } from './pixels'
import { markOf, shown, signalWords, type Control, type Point } from './points'
import { weekLabel } from './scale'
import { circle, diamond, group, line, rect, text, type Shape } from './shapes'
import { t } from './words'

export interface Tower {
  label: string
  /** What the newest value is counted by. */
  per: string
  /** The same where there is little room. */
  short: string
  contacts: number
  to?: string | undefined
  bars: Point[]
  link: (week: string) => string
}

export interface Skyline {
  towers: Tower[]
  show: Control['show']
}

const [TOWER, MOST_WIDE, MOST_NARROW, ROW] = [86, 14, 10, 74]
const TOP = 26

export function skyline(given: Skyline): Drawing {
  return {
    height: (width) => (width < NARROW ? TOP + 18 + Math.min(given.towers.length, MOST_NARROW) * ROW : 300),
    option: (look) => pixels(look, look.width < NARROW ? rows(given, look) : columns(given, look)),
    table: {
      head: [t('cause'), t('contacts'), ...(given.towers[0]?.bars ?? []).map((bar) => weekLabel(bar.week)), t('per'), t('lower'), t('upper'), t('signal')].map((one, i) => ({ text: one, number: i > 0 && one !== t('signal') && one !== t('per') })),
      rows: given.towers.map((tower) => [{ text: tower.label, ...(tower.to ? { to: tower.to } : {}) }, { text: String(tower.contacts), value: tower.contacts }, ...tower.bars.map((bar) => cellOf(given, tower, bar)), { text: tower.per }, ...limitCells(given, tower), { text: signalWords(tower.bars.at(-1)?.signals ?? []) }]),
    },
  } // prettier-ignore
}

function cellOf(given: Skyline, tower: Tower, bar: Point): Cell {
  return { text: shown(bar, given.show), value: bar.value ?? t(bar.state as 'no_data'), to: tower.link(bar.week), strong: bar.signals.length > 0 }
}

function limitCells(given: Skyline, tower: Tower): Cell[] {
  const limits = tower.bars.at(-1)?.limits
  return [limits?.[0] ?? null, limits?.[1] ?? null].map((value) => ({ text: given.show(value), value }))
}

/** The multiple of the mean at which the tallest thing ends; what is taller is cut there. */
export function tallest(towers: readonly Tower[]): number {
  const parts = towers.flatMap((tower) => tower.bars.flatMap((bar) => (bar.mean ? [(bar.value ?? 0) / bar.mean, (bar.limits?.[1] ?? 0) / bar.mean] : [])))
  return Math.min(3, Math.max(1.25, ...parts))
}

function columns(given: Skyline, look: Look): Item[] {
  const shownTowers = given.towers.slice(0, Math.min(MOST_WIDE, Math.floor(look.width / TOWER)))
  const slot = look.width / Math.max(1, shownTowers.length)
  const deep = footOf(given, shownTowers, slot)
  const base = look.height - deep
  const scale = (base - TOP - 14) / tallest(shownTowers)
  const usual = base - scale
  const items: Item[] = [{ shapes: legend(look) }]
  for (const [i, tower] of shownTowers.entries()) {
    const left = i * slot
    const wide = Math.min(18, (slot - 14) / Math.max(tower.bars.length, 1))
    const from = left + (slot - wide * tower.bars.length) / 2
    for (const [j, bar] of tower.bars.entries()) items.push(upright(given, look, tower, bar, { x: from + j * wide, wide, base, scale, newest: j === tower.bars.length - 1 }))
    if (tower.bars.some((bar) => bar.mean)) items.push({ shapes: [line(from - 3, usual, from + wide * tower.bars.length + 2, usual, { stroke: look.colour.ink, lineWidth: 1, opacity: 0.7 })] })
    items.push(foot(given, look, tower, left + slot / 2, slot, deep))
  }
  items.push({ shapes: [line(0, base, look.width, base, { stroke: look.colour.edge, lineWidth: 1 })] })
  return items
}

interface Upright {
  x: number
  wide: number
  base: number
  scale: number
  newest: boolean
}

function upright(given: Skyline, look: Look, tower: Tower, bar: Point, at: Upright): Item {
  const behind = { to: tower.link(bar.week), tip: tipOf(given, tower, bar) }
  if (bar.value === null || !bar.mean) return { ...behind, shapes: [text(at.x + at.wide / 2, at.base - 8, '—', { align: 'center', fill: look.colour.mute })] }
  const y = (part: number) => at.base - Math.min(part, 3) * at.scale
  const top = y(bar.value / bar.mean)
  const x = at.x + at.wide / 2
  const shapes: Shape[] = [rect(at.x + 1, top, at.wide - 2, at.base - top, { fill: look.colour.accent, opacity: at.newest ? 1 : 0.42 })]
  const caps = bar.limits?.map((limit) => y(limit / bar.mean!)) ?? []
  shapes.push(...caps.map((cap) => line(at.x + 1, cap, at.x + at.wide - 1, cap, { stroke: cap > top + 1 ? look.colour.panel : look.colour.edge, lineWidth: 2 })))
  return { ...behind, shapes: [...shapes, ...sign(look, bar, x, clear(top - 8, caps, -1))] }
}

function sign(look: Look, bar: Point, x: number, y: number): Shape[] {
  const mark = markOf(bar.signals)
  if (!mark) return []
  return [mark === 'outside' ? diamond(x, y, 4.5, { fill: look.colour.bad }) : circle(x, y, 3, { fill: look.colour.panel, stroke: look.colour.warn, lineWidth: 2 })]
}

/** A place for a sign that no cap runs through, going on in a direction. */
function clear(wanted: number, caps: readonly number[], way: 1 | -1): number {
  const near = caps.find((cap) => Math.abs(cap - wanted) < 6)
  return near === undefined ? wanted : near + 7 * way
}

function foot(given: Skyline, look: Look, tower: Tower, x: number, slot: number, deep: number): Item {
  const newest = tower.bars.at(-1)
  const style = { align: 'center', fontFamily: look.font, lineHeight: 15, verticalAlign: 'top' }
  const value = newest ? shown(newest, given.show) : ''
  const strong = newest?.signals.length ? 600 : 400
  return {
    to: tower.to,
    tip: tower.label,
    shapes: [
      text(x, look.height - deep + 5, balanced(tower.label, slot - 8), { ...style, fill: look.colour.ink }),
      text(x, look.height - deep + 37, valueOf(value, tower.short, slot - 4), { ...style, fill: look.colour.mute, fontWeight: strong }),
    ],
  }
}

/** How much is under the bars: two lines of name, one or two of value. */
function footOf(given: Skyline, towers: readonly Tower[], slot: number): number {
  const long = towers.some((tower) => valueOf(tower.bars.length ? shown(tower.bars.at(-1)!, given.show) : '', tower.short, slot - 4).includes('\n'))
  return long ? 76 : 60
}

/** The value and what it is counted by, in one line or two. */
function valueOf(value: string, per: string, width: number): string {
  const one = `${value} ${per}`
  return widthOf(one) <= width ? one : `${value}\n${cut(per, width)}`
}

/** On a phone: causes one under the other, weeks as thin bars, the newest last. */
function rows(given: Skyline, look: Look): Item[] {
  const shownTowers = given.towers.slice(0, MOST_NARROW)
  const scale = (look.width - 14) / tallest(shownTowers)
  const items: Item[] = [{ shapes: legend(look) }]
  for (const [i, tower] of shownTowers.entries()) {
    const top = TOP + 18 + i * ROW
    const newest = tower.bars.at(-1)
    const value = newest ? `${shown(newest, given.show)} ${tower.short}` : ''
    const style = { fontFamily: look.font, fill: look.colour.ink }
    items.push({ to: tower.to, tip: tower.label, shapes: [text(0, top + 10, cut(tower.label, look.width - widthOf(value) - 16), style), text(look.width, top + 10, value, { ...style, fill: look.colour.mute, align: 'right' })] })
    for (const [j, bar] of tower.bars.entries()) items.push(lying(given, look, tower, bar, top + 20 + j * 6.5, scale, j === tower.bars.length - 1))
    items.push({ shapes: [line(scale, top + 18, scale, top + 66, { stroke: look.colour.ink, lineWidth: 1, opacity: 0.7 })] })
  }
  return items
}

function lying(given: Skyline, look: Look, tower: Tower, bar: Point, y: number, scale: number, newest: boolean): Item {
  const behind = { to: tower.link(bar.week), tip: tipOf(given, tower, bar) }
  if (bar.value === null || !bar.mean) return { ...behind, shapes: [text(0, y + 3, '—', { fill: look.colour.mute })] }
  const x = (part: number) => Math.min(part, 3) * scale
  const end = x(bar.value / bar.mean)
  const caps = (bar.limits ?? []).map((limit) => x(limit / bar.mean!))
  return {
    ...behind,
    shapes: [
      rect(0, y, end, 5.5, { fill: look.colour.accent, opacity: newest ? 1 : 0.42 }),
      ...caps.map((cap) => line(cap, y - 0.5, cap, y + 6, { stroke: cap < end - 1 ? look.colour.panel : look.colour.edge, lineWidth: 2 })),
      ...sign(look, bar, Math.min(clear(end + 8, caps, 1), look.width - 5), y + 3),
    ],
  }
}

function legend(look: Look): Shape[] {
  const named = { fill: look.colour.mute, fontFamily: look.font }
  const parts: [said: string, shape: (x: number) => Shape][] = [
    [t('newestWeek'), (x) => rect(x, 4, 10, 10, { fill: look.colour.accent })],
    [t('mean'), (x) => line(x, 9, x + 12, 9, { stroke: look.colour.ink })],
    [t('limits'), (x) => line(x, 9, x + 12, 9, { stroke: look.colour.edge, lineWidth: 2 })],
    [t('outside'), (x) => diamond(x + 5, 9, 4.5, { fill: look.colour.bad })],
    [t('run'), (x) => circle(x + 5, 9, 3, { fill: look.colour.panel, stroke: look.colour.warn, lineWidth: 2 })],
  ]
  let [x, y] = [0, 0]
  return parts.flatMap(([said, shape]) => {
    if (x + 18 + widthOf(said) > look.width) [x, y] = [0, y + 18]
    const at = x
    x += 18 + widthOf(said) + 14
    return [{ ...group([shape(at), text(at + 18, 9, said, named)]), y } as Shape]
  })
}

function tipOf(given: Skyline, tower: Tower, bar: Point): string {
  const limits = bar.limits ? `${t('lower')} ${given.show(bar.limits[0])}  ${t('mean')} ${given.show(bar.mean)}  ${t('upper')} ${given.show(bar.limits[1])}` : t('noLimits')
  return [tower.label, `${bar.week}  ${shown(bar, given.show)} ${tower.per}`, bar.n ? `${bar.count} / ${bar.n}` : String(bar.count), limits, signalWords(bar.signals)].filter(Boolean).join('\n')
}
