/** Bubbles and their names: bubbles at one place stand beside each other, names lie where nothing else does. */

import { cut, overlap, widthOf, type Box } from './labels'

export interface Bubble {
  x: number
  y: number
  r: number
  text: string
}

export interface Label extends Box {
  text: string
  /** It stands so far off that a line leads to it. */
  away: boolean
}

const GAP = 4
/** Which is tried first: near and whole, near and shorter, further off with a line that leads there. */
const TRIES: [away: number[], most: number][] = [
  [[GAP], Infinity],
  [[GAP], 84],
  [[16, 28], Infinity],
  [[16, 28], 84],
]
const HEIGHT = 15
const TURNS = 30

/** Bubbles that hide another are moved apart a little, until of each more than half, or the part asked for, is seen. */
export function spread(bubbles: readonly Bubble[], part = 0.2): Bubble[] {
  const moved = bubbles.map((one) => ({ ...one }))
  for (let turn = 0; turn < TURNS; turn++) {
    let still = true
    for (const [i, a] of moved.entries())
      for (const b of moved.slice(i + 1)) {
        const [dx, dy] = [b.x - a.x, b.y - a.y]
        const far = Math.hypot(dx, dy)
        const least = Math.max(a.r, b.r) + part * Math.min(a.r, b.r)
        if (far >= least) continue
        still = false
        const angle = far > 0.01 ? Math.atan2(dy, dx) : i + 0.6
        const step = (least - far) / 2 + 0.1
        a.x -= Math.cos(angle) * step
        a.y -= Math.sin(angle) * step
        b.x += Math.cos(angle) * step
        b.y += Math.sin(angle) * step
      }
    if (still) break
  }
  return moved
}

/** A name for each bubble, the largest first, on the side where it covers nothing; shorter where it must be, and none
 * where there is no room even then. */
export function placeLabels(bubbles: readonly Bubble[], field: Box, taken: readonly Box[] = []): (Label | undefined)[] {
  const full: Box[] = [...taken, ...bubbles.map((one) => ({ left: one.x - one.r, top: one.y - one.r, width: 2 * one.r, height: 2 * one.r }))]
  const found = new Array<Label | undefined>(bubbles.length)
  const order = bubbles.map((_, i) => i).sort((a, b) => bubbles[b]!.r - bubbles[a]!.r)
  for (const i of order) {
    const others = bubbles.filter((_, other) => other !== i)
    let place: Label | undefined
    for (const [away, most] of TRIES) place ??= free(bubbles[i]!, cut(bubbles[i]!.text, most), away, { field, full, others })
    if (!place) continue
    found[i] = place
    full.push(place)
  }
  return found
}

interface Around {
  field: Box
  full: readonly Box[]
  others: readonly Bubble[]
}

function free(bubble: Bubble, text: string, away: readonly number[], around: Around): Label | undefined {
  const width = widthOf(text)
  for (const far of away)
    for (const [left, top] of sides(bubble, width, bubble.r + far)) {
      const box = { left, top, width, height: HEIGHT }
      const clear = inside(box, around.field) && around.full.every((one) => overlap(box, one) === 0)
      if (clear && (far === GAP || around.others.every((one) => !crosses(bubble, lead(bubble, box), one)))) return { ...box, text, away: far > GAP }
    }
  return undefined
}

/** Where a line from a bubble to its name ends. */
export function lead(bubble: Bubble, label: Box): { x: number; y: number } {
  const within = (value: number, from: number, size: number) => Math.min(Math.max(value, from), from + size)
  return { x: within(bubble.x, label.left, label.width), y: within(bubble.y, label.top + 2, label.height - 4) }
}

/** Whether the line from one place to another runs through a bubble. */
function crosses(from: { x: number; y: number }, to: { x: number; y: number }, bubble: Bubble): boolean {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const part = ((bubble.x - from.x) * dx + (bubble.y - from.y) * dy) / (dx * dx + dy * dy || 1)
  const at = Math.min(1, Math.max(0, part))
  return Math.hypot(from.x + at * dx - bubble.x, from.y + at * dy - bubble.y) < bubble.r + 1
}

/** Right, left, above, below, and the four corners. */
function sides({ x, y }: Bubble, width: number, r: number): [left: number, top: number][] {
  const near = 0.72 * r
  return [
    [x + r, y - HEIGHT / 2],
    [x - r - width, y - HEIGHT / 2],
    [x - width / 2, y - r - HEIGHT],
    [x - width / 2, y + r],
    [x + near, y - near - HEIGHT],
    [x + near, y + near],
    [x - near - width, y - near - HEIGHT],
    [x - near - width, y + near],
  ]
}

function inside(box: Box, field: Box): boolean {
  return box.left >= field.left && box.top >= field.top && box.left + box.width <= field.left + field.width && box.top + box.height <= field.top + field.height
}
