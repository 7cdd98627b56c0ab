/** Values with their intervals on one scale: a dot, the interval as a thick line, bounds as a thin one. */

import { fitting, NARROW, type Cell, type Drawing, type Head, type Look } from './drawing'
import { cut, widthOf } from './labels'
import { pixels, type Item } from './pixels'
import { circle, line, rect, text, type Shape } from './shapes'
import { t } from './words'

export interface Row {
  label: string
  code?: string
  /** Beside the label, such as a verdict's word. */
  word?: string
  /** Said less loudly than the word. */
  note?: string
  /** The word asks somebody to act. */
  tone?: 'bad' | 'warn' | ''
  value: number | null
  interval: readonly [number, number] | null
  bounds?: readonly [number, number] | null
  /** At the right: the numbers, or why there are none. */
  shown: string
  to?: string | undefined
  tip: string
  cells: Cell[]
}

export interface Intervals {
  rows: Row[]
  head: Head[]
  min: number
  max: number
  ticks: number[]
  show: (value: number) => string
  log?: boolean
  /** Where nothing has changed. */
  still?: { at: number; text: string }
  /** What lies on the two sides of it. */
  sides?: readonly [string, string]
}

const [ROW, LEAST, FOOT, TOP] = [44, 33, 24, 20]

export function intervals(given: Intervals): Drawing {
  return {
    height: (width) => (given.sides ? TOP : 4) + FOOT + given.rows.length * (width < NARROW ? ROW + 14 : ROW),
    option: (look) => pixels(look, laid(given, look)),
    table: { head: given.head, rows: given.rows.map((row) => [{ text: row.label, ...(row.code ? { code: row.code } : {}), ...(row.to ? { to: row.to } : {}) }, ...row.cells]) },
  }
}

function laid(given: Intervals, look: Look): Item[] {
  const narrow = look.width < NARROW
  const text_ = Math.max(0, ...given.rows.flatMap((row) => [widthOf(row.label), widthOf(row.word ?? row.note ?? '') + 14]))
  const left = narrow ? 12 : Math.min(look.width * 0.36, text_ + 16)
  const right = narrow ? 12 : Math.min(look.width * 0.3, Math.max(0, ...given.rows.map((row) => widthOf(row.shown))) + 12)
  const [from, to] = [left + 6, look.width - right - 6]
  const place = given.log ? Math.log : (value: number) => value
  const x = (value: number) => from + ((place(Math.min(Math.max(value, given.min), given.max)) - place(given.min)) / (place(given.max) - place(given.min))) * (to - from)
  const top = given.sides ? TOP : 4
  const bottom = look.height - FOOT
  const { shown, left: rest } = fitting(given.rows, bottom - top, LEAST)
  const each = (bottom - top) / Math.max(1, shown.length)
  const more = rest ? [text(0, bottom + 12, t('notShown', { n: rest }), { fill: look.colour.mute, fontFamily: look.font })] : []
  return [{ shapes: [...frame(given, look, x, top, bottom), ...more] }, ...shown.map((row, i) => rowOf(given, row, look, { x, y: top + i * each, each, left, narrow }))]
}

function frame(given: Intervals, look: Look, x: (value: number) => number, top: number, bottom: number): Shape[] {
  const named = { fill: look.colour.mute, fontFamily: look.font }
  const shapes = given.ticks.flatMap((tick) => [
    line(x(tick), top, x(tick), bottom, { stroke: look.colour.line, lineWidth: 1 }),
    text(x(tick), bottom + 12, given.show(tick), { ...named, align: 'center' }),
  ])
  if (given.still) shapes.push(line(x(given.still.at), top, x(given.still.at), bottom, { stroke: look.colour.ink, lineWidth: 1 }))
  const room = given.still ? Math.min(x(given.still.at) - x(given.min), x(given.max) - x(given.still.at)) : 0
  if (given.sides && given.still && room > Math.max(...given.sides.map((one) => widthOf(one))) + 8) {
    shapes.push(text(x(given.still.at) - 8, 9, given.sides[0], { ...named, align: 'right' }), text(x(given.still.at) + 8, 9, given.sides[1], named))
  }
  return shapes
}

interface At {
  x: (value: number) => number
  y: number
  each: number
  left: number
  narrow: boolean
}

function rowOf(given: Intervals, row: Row, look: Look, at: At): Item {
  const style = { fill: look.colour.ink, fontFamily: look.font }
  // On a phone under its own two lines, nearer to them than to the next row.
  const middle = at.narrow ? at.y + 41 : at.y + at.each / 2
  const word = row.word ? (row.tone ? `◆ ${row.word}` : row.word) : (row.note ?? '')
  const loud = row.word ? { fill: row.tone ? look.colour[row.tone] : look.colour.ink, fontWeight: 600 } : { fill: look.colour.mute }
  const shapes: Shape[] = []
  if (at.narrow) {
    const room = look.width - 8 - widthOf(row.shown) - 8
    shapes.push(text(4, at.y + 9, cut(row.label, look.width - 16 - widthOf(word)), style), text(look.width - 4, at.y + 9, word, { ...style, ...loud, align: 'right' }))
    shapes.push(text(4, at.y + 26, cut(row.shown, Math.max(room, look.width - 8)), { ...style, fill: look.colour.mute }))
  } else {
    // The two lines of a row stand nearer to each other than to the next row's.
    const two = word ? Math.min(9, at.each * 0.21) : 0
    shapes.push(text(0, middle - two, cut(row.label, at.left - 4), style))
    if (word) shapes.push(text(0, middle + two, cut(word, at.left - 4), { ...style, ...loud }))
    shapes.push(text(look.width, middle, cut(row.shown, look.width * 0.3), { ...style, fill: row.value === null ? look.colour.mute : look.colour.ink, align: 'right' }))
  }
  return { to: row.to, tip: row.tip, shapes: [...shapes, ...spread(given, row, look, at.x, middle)] }
}

function spread(given: Intervals, row: Row, look: Look, x: At['x'], y: number): Shape[] {
  const accent = { stroke: look.colour.accent }
  const shapes: Shape[] = []
  if (row.bounds) shapes.push(rect(x(row.bounds[0]), y - 7, x(row.bounds[1]) - x(row.bounds[0]), 14, { fill: look.colour['accent-soft'] }))
  if (row.interval) {
    const [low, high] = row.interval
    shapes.push(line(x(low), y, x(high), y, { ...accent, lineWidth: 3 }))
    // What goes on beyond the scale has no end here.
    if (low >= given.min) shapes.push(line(x(low), y - 5, x(low), y + 5, { ...accent, lineWidth: 1.5 }))
    if (high <= given.max) shapes.push(line(x(high), y - 5, x(high), y + 5, { ...accent, lineWidth: 1.5 }))
  }
  if (row.value !== null) shapes.push(circle(x(row.value), y, 5, { fill: look.colour.accent, stroke: look.colour.panel, lineWidth: 1.5 }))
  return shapes
}
