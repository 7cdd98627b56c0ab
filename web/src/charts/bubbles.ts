/** Value-irritant matrix: bubbles by cost in four quadrants, their names where none lies on another. */

import { NARROW, type Cell, type Drawing, type Head, type Look } from './drawing'
import { cut, overlap, widthOf, type Box } from './labels'
import { lead, placeLabels, spread, type Bubble, type Label } from './placing'
import { pixels, type Item } from './pixels'
import { circle, line, rect, text, type Shape } from './shapes'

export interface Dot {
  label: string
  code: string
  /** From 1 to 5. */
  x: number
  y: number
  /** What the area stands for; null is not known. */
  size: number | null
  to?: string | undefined
  tip: string
  cells: Cell[]
}

export interface Matrix {
  dots: Dot[]
  /** Names of the quadrants: both low, low x, low y, both high. */
  names: readonly [low: string, left: string, below: string, high: string]
  xName: string
  yName: string
  head: Head[]
}

const [LOW, HIGH, MIDDLE, EDGE] = [1, 5, 3, 0.45]
const [LEFT, FOOT, LARGEST, SMALLEST] = [22, 24, 22, 5]
const [NUMBERED, KEY] = [9, 18]

export function matrix(given: Matrix): Drawing {
  const high = (width: number) => (!given.dots.length ? 200 : width < NARROW ? 330 : 400)
  return {
    height: (width) => high(width) + keyOf(given, plan(given, width, high(width)), width).lines * KEY,
    option: (look) => pixels(look, laid(given, look)),
    table: { head: given.head, rows: given.dots.map((one) => [{ text: one.label, code: one.code, ...(one.to ? { to: one.to } : {}) }, ...one.cells]) },
  }
}

interface Plan {
  field: Box
  x: number
  y: number
  bubbles: Bubble[]
  labels: (Label | undefined)[]
  corners: Corner[]
  /** Those whose names stand under the field, by number: on a phone all, else those without room beside them. */
  keyed: number[]
}

function plan(given: Matrix, width: number, height: number): Plan {
  const field: Box = { left: LEFT, top: 2, width: width - LEFT - 2, height: height - FOOT - 4 }
  const x = (value: number) => field.left + ((value - LOW + EDGE) / (HIGH - LOW + 2 * EDGE)) * field.width
  const y = (value: number) => field.top + ((HIGH - value + EDGE) / (HIGH - LOW + 2 * EDGE)) * field.height
  const most = Math.max(1, ...given.dots.map((one) => one.size ?? 0))
  const narrow = width < NARROW
  const largest = narrow ? 17 : Math.min(LARGEST, field.height / 14)
  const radius = (one: Dot) => Math.max(narrow ? NUMBERED : SMALLEST, largest * Math.sqrt((one.size ?? 0) / most))
  const bubbles = spread(given.dots.map((one): Bubble => ({ x: x(one.x), y: y(one.y), r: radius(one), text: one.label })), narrow ? 0.9 : 0.2).map((one) => kept(one, field))
  const corners = names(given, field, x(MIDDLE), y(MIDDLE), bubbles)
  const labels = narrow ? bubbles.map(() => undefined) : placeLabels(bubbles, field, corners.map((one) => one.box))
  const keyed = bySize(bubbles).filter((i) => !labels[i])
  for (const i of keyed) bubbles[i]!.r = Math.max(NUMBERED, bubbles[i]!.r)
  return { field, x: x(MIDDLE), y: y(MIDDLE), bubbles, labels, corners, keyed }
}

/** Inside the field, wherever it was moved to. */
function kept(one: Bubble, field: Box): Bubble {
  const within = (value: number, from: number, size: number) => Math.min(Math.max(value, from + one.r + 1), from + size - one.r - 1)
  return { ...one, x: within(one.x, field.left, field.width), y: within(one.y, field.top, field.height) }
}

const bySize = (bubbles: readonly Bubble[]) => bubbles.map((_, i) => i).sort((a, b) => bubbles[b]!.r - bubbles[a]!.r)

function laid(given: Matrix, look: Look): Item[] {
  const first = plan(given, look.width, look.height)
  const lines = keyOf(given, first, look.width).lines
  const made = lines ? plan(given, look.width, look.height - lines * KEY) : first
  const behind = (i: number) => ({ to: given.dots[i]!.to, tip: given.dots[i]!.tip })
  const named = { fill: look.colour.ink, fontFamily: look.font }
  // The large ones first, so that the small ones lie on top.
  const dots = bySize(made.bubbles).map((i): Item => ({ ...behind(i), shapes: dotOf(given, made, look, i) }))
  const said = made.labels.flatMap((one, i): Item[] => {
    if (!one) return []
    const led = one.away ? [leader(made.bubbles[i]!, one, look)] : []
    return [{ ...behind(i), shapes: [...led, text(one.left, one.top + one.height / 2, one.text, named)] }]
  })
  const under = made.field.top + made.field.height + FOOT + 2
  const key = keyOf(given, made, look.width).texts.map((one): Item => ({ ...behind(one.i), shapes: [text(one.x, under + (one.line + 0.5) * KEY, one.said, named)] }))
  return [{ shapes: frame(given, look, made) }, ...dots, ...said, ...key]
}

/** The names under the field, as many in a line as fit. */
function keyOf(given: Matrix, made: Plan, width: number): { lines: number; texts: { i: number; said: string; x: number; line: number }[] } {
  const said = made.keyed.map((i, n) => `${n + 1} ${given.dots[i]!.label}`)
  const each = Math.max(1, ...said.map((one) => widthOf(one))) + 16
  const columns = Math.max(1, Math.floor((width - LEFT) / each))
  const texts = made.keyed.map((i, n) => ({ i, said: said[n]!, x: LEFT + (n % columns) * each, line: Math.floor(n / columns) }))
  return { lines: Math.ceil(texts.length / columns), texts }
}

function dotOf(given: Matrix, made: Plan, look: Look, i: number): Shape[] {
  const { x, y, r } = made.bubbles[i]!
  const known = given.dots[i]!.size !== null
  const style = known ? { fill: look.colour.accent, stroke: look.colour.panel, lineWidth: 1.5 } : { fill: look.colour.panel, stroke: look.colour.accent, lineWidth: 1.5 }
  const n = made.keyed.indexOf(i)
  const number = text(x, y, String(n + 1), { align: 'center', fill: known ? look.colour['on-accent'] : look.colour.ink, fontFamily: look.font })
  return [circle(x, y, r, style), ...(n < 0 ? [] : [number])]
}

/** From the edge of a bubble to the nearest point of its name. */
function leader(bubble: Bubble, label: Box, look: Look): Shape {
  const { x, y } = lead(bubble, label)
  const far = Math.hypot(x - bubble.x, y - bubble.y) || 1
  const [dx, dy] = [(x - bubble.x) / far, (y - bubble.y) / far]
  return line(bubble.x + dx * bubble.r, bubble.y + dy * bubble.r, x - dx * 2, y - dy * 2, { stroke: look.colour.edge, lineWidth: 1 })
}

interface Corner {
  said: string
  box: Box
}

/** The quadrants' names, each in a corner of its own where no bubble lies: the upper left one, if it can be. */
function names(given: Matrix, field: Box, x: number, y: number, bubbles: readonly Bubble[]): Corner[] {
  const taken = bubbles.map(({ x: left, y: top, r }): Box => ({ left: left - r, top: top - r, width: 2 * r, height: 2 * r }))
  const [right, bottom] = [field.left + field.width, field.top + field.height]
  const [low, left, below, high] = given.names
  const at = (said: string, quadrant: Box): Corner => {
    const [width, height] = [13 * [...said].length, 18]
    const [far, down] = [quadrant.left + quadrant.width - width - 6, quadrant.top + quadrant.height - height - 4]
    const places = [[quadrant.left + 6, quadrant.top + 4], [far, quadrant.top + 4], [quadrant.left + 6, down], [far, down]].map(([l, t]): Box => ({ left: l!, top: t!, width, height })) // prettier-ignore
    return { said, box: places.find((box) => taken.every((one) => overlap(box, one) === 0)) ?? places[0]! }
  }
  return [
    at(low, { left: field.left, top: y, width: x - field.left, height: bottom - y }),
    at(left, { left: field.left, top: field.top, width: x - field.left, height: y - field.top }),
    at(below, { left: x, top: y, width: right - x, height: bottom - y }),
    at(high, { left: x, top: field.top, width: right - x, height: y - field.top }),
  ]
}

function frame(given: Matrix, look: Look, { field, x, y, corners }: Plan): Shape[] {
  const [right, bottom] = [field.left + field.width, field.top + field.height]
  const edge = { stroke: look.colour.line, lineWidth: 1 }
  const named = { fill: look.colour.mute, fontFamily: look.font, align: 'center' }
  return [
    rect(field.left, y, x - field.left, bottom - y, { fill: look.colour['bad-soft'] }),
    rect(field.left, field.top, field.width, field.height, { fill: 'none', ...edge }),
    line(x, field.top, x, bottom, edge),
    line(field.left, y, right, y, edge),
    ...corners.map((one) => text(one.box.left, one.box.top + 9, one.said, { fill: look.colour.mute, fontSize: 13, fontWeight: 600, fontFamily: look.font })),
    text((field.left + right) / 2, bottom + 13, given.xName, named),
    { ...text(0, 0, cut(given.yName, field.height), named), x: 9, y: (field.top + bottom) / 2, rotation: Math.PI / 2 } as Shape,
  ]
}
