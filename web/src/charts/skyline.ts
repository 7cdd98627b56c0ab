/** Skyline: weeks side by side for each of the top series. Each has an X of its own, so heights are multiples of its own mean. */

import { measured, NARROW, type Cell, type Drawing, type Head, type Look, type Table } from './drawing'
import { balanced, cut, widthOf } from './labels'
import { pixels, type Item } from './pixels'
import { shown, signalWords, type Control, type Point } from './points'
import { weekLabel } from './scale'
import { line, rect, text, type Shape } from './shapes'
import { beyond, legend, ring, sign, type Key } from './signs'
import { t } from './words'

export interface Tower {
  label: string
  code: string
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

const [TOWER, MOST_WIDE, MOST_NARROW] = [86, 14, 10]
/** Above and under the bars of a row on a phone, and each of them. */
const [NAME, GAP, BAR] = [20, 10, 7]
const AIR = 22
/** Multiples of the mean that are drawn; what is taller is cut, and says so. */
const MOST = 3

export function skyline(given: Skyline): Drawing {
  return {
    height: (width) => (width < NARROW ? 44 + Math.min(given.towers.length, MOST_NARROW) * rowHeight(given) : 300),
    option: (look) => pixels(look, look.width < NARROW ? rows(given, look) : columns(given, look)),
    table: table(given),
  }
}

function table(given: Skyline): Table {
  const bars = given.towers[0]?.bars ?? []
  const newest = bars.at(-1)?.week ?? ''
  return {
    head: [
      { text: t('cause'), coded: true },
      { text: t('contacts'), number: true, file: t('ofUnit', { name: t('contacts'), what: `${bars[0]?.week ?? ''}–${newest}` }) },
      ...bars.map((bar): Head => ({ text: weekLabel(bar.week), number: true, file: bar.week })),
      { text: t('per') },
      ...[t('lower'), t('upper')].map((name) => measured(name, newest)),
      { text: t('signal') },
    ],
    rows: given.towers.map((tower) => [
      { text: tower.label, code: tower.code, ...(tower.to ? { to: tower.to } : {}) },
      { text: String(tower.contacts), value: tower.contacts },
      ...tower.bars.map((bar) => cellOf(given, tower, bar)),
      { text: tower.per },
      ...limitCells(given, tower),
      { text: signalWords(tower.bars.at(-1)?.signals ?? []) },
    ]),
  }
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
  return Math.min(MOST, Math.max(1.25, ...parts))
}

function columns(given: Skyline, look: Look): Item[] {
  const shownTowers = given.towers.slice(0, Math.min(MOST_WIDE, Math.floor(look.width / TOWER)))
  const slot = look.width / Math.max(1, shownTowers.length)
  const deep = footOf(given, shownTowers, slot)
  const base = look.height - deep
  const named = legend(keys(look, given.towers.length - shownTowers.length), look)
  const scale = (base - named.height - AIR) / tallest(shownTowers)
  const usual = base - scale
  const items: Item[] = [{ shapes: named.shapes }]
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
  const y = (part: number) => at.base - Math.min(part, MOST) * at.scale
  const top = y(bar.value / bar.mean)
  const x = at.x + at.wide / 2
  const across = (cap: number) => line(at.x + 1, cap, at.x + at.wide - 1, cap, { stroke: cap > top + 1 ? look.colour.panel : look.colour.edge, lineWidth: 2 })
  const shapes: Shape[] = [
    rect(at.x + 1, top, at.wide - 2, at.base - top, { fill: look.colour.accent, opacity: at.newest ? 1 : 0.42 }),
    ...caps(bar).map((cap) => across(y(cap))),
    ...(isCut(bar) ? [line(at.x, top + 9, at.x + at.wide, top + 5, { stroke: look.colour.panel, lineWidth: 2 })] : []),
  ]
  return { ...behind, shapes: [...shapes, ...sign(look, bar.signals, x, top - 8)] }
}

/** The limits as multiples of the mean, those that are in the picture. */
const caps = (bar: Point) => (bar.limits ?? []).map((limit) => limit / bar.mean!).filter((part) => part <= MOST)
const isCut = (bar: Point) => bar.value! / bar.mean! > MOST

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

const rowHeight = (given: Skyline) => NAME + GAP + BAR * Math.max(1, ...given.towers.map((one) => one.bars.length))

/** On a phone: causes one under the other, weeks as thin bars, the newest last. */
function rows(given: Skyline, look: Look): Item[] {
  const shownTowers = given.towers.slice(0, MOST_NARROW)
  const scale = (look.width - 14) / tallest(shownTowers)
  const named = legend(keys(look, given.towers.length - shownTowers.length), look)
  const items: Item[] = [{ shapes: named.shapes }]
  for (const [i, tower] of shownTowers.entries()) {
    const top = named.height + 8 + i * rowHeight(given)
    const newest = tower.bars.at(-1)
    const value = newest ? `${shown(newest, given.show)} ${tower.short}` : ''
    const style = { fontFamily: look.font, fill: look.colour.ink }
    items.push({ to: tower.to, tip: tower.label, shapes: [text(0, top + 10, cut(tower.label, look.width - widthOf(value) - 16), style), text(look.width, top + 10, value, { ...style, fill: look.colour.mute, align: 'right' })] })
    for (const [j, bar] of tower.bars.entries()) items.push(lying(given, look, tower, bar, top + NAME + j * BAR, scale, j === tower.bars.length - 1))
    if (tower.bars.some((bar) => bar.mean)) items.push({ shapes: [line(scale, top + NAME - 2, scale, top + NAME + tower.bars.length * BAR + 1, { stroke: look.colour.ink, lineWidth: 1, opacity: 0.7 })] })
  }
  return items
}

function lying(given: Skyline, look: Look, tower: Tower, bar: Point, y: number, scale: number, newest: boolean): Item {
  const behind = { to: tower.link(bar.week), tip: tipOf(given, tower, bar) }
  if (bar.value === null || !bar.mean) return { ...behind, shapes: [text(0, y + 3, '—', { fill: look.colour.mute })] }
  const end = Math.min(bar.value / bar.mean, MOST) * scale
  const across = (cap: number) => line(cap, y, cap, y + BAR - 1, { stroke: cap < end - 1 ? look.colour.panel : look.colour.edge, lineWidth: 2 })
  return {
    ...behind,
    shapes: [
      rect(0, y, end, BAR - 1, { fill: look.colour.accent, opacity: newest ? 1 : 0.42 }),
      ...caps(bar).map((cap) => across(cap * scale)),
      ...(isCut(bar) ? [line(end - 9, y - 1, end - 5, y + BAR, { stroke: look.colour.panel, lineWidth: 2 })] : []),
      ...sign(look, bar.signals, Math.min(end + 7, look.width - 4), y + (BAR - 1) / 2, 0.72),
    ],
  }
}

const keys = (look: Look, left: number): Key[] => [
  [t('newestWeek'), (x, y) => [rect(x - 5, y - 5, 10, 10, { fill: look.colour.accent })]],
  [t('mean'), (x, y) => [line(x - 5, y, x + 9, y, { stroke: look.colour.ink, lineWidth: 1 })]],
  [t('limits'), (x, y) => [-4, 4].map((off) => line(x - 5, y + off, x + 9, y + off, { stroke: look.colour.edge, lineWidth: 2 }))],
  [t('outside'), (x, y) => [beyond(look, x, y)]],
  [t('run'), (x, y) => [ring(look, x, y)]],
  ...(left > 0 ? [[t('inTable', { n: left }), () => []] as const] : []),
]

function tipOf(given: Skyline, tower: Tower, bar: Point): string {
  const limits = bar.limits ? `${t('lower')} ${given.show(bar.limits[0])}  ${t('mean')} ${given.show(bar.mean)}  ${t('upper')} ${given.show(bar.limits[1])}` : t('noLimits')
  return [tower.label, `${bar.week}  ${shown(bar, given.show)} ${tower.per}`, bar.n ? `${bar.count} / ${bar.n}` : String(bar.count), limits, signalWords(bar.signals)].filter(Boolean).join('\n')
}
