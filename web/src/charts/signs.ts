/** Signs that say something by their shape: a diamond beyond a limit, a ring for a run; and the legend that names signs. */

import type { Look } from './drawing'
import { widthOf } from './labels'
import { markOf, type Signal } from './points'
import { circle, diamond, text, type Shape } from './shapes'

/** The sign of these signals; on `paper` of its own where something lies behind it. None without a signal. */
export function sign(look: Look, signals: readonly Signal[], x: number, y: number, size = 1, paper = true): Shape[] {
  const mark = markOf(signals)
  if (!mark) return []
  const under = paper ? [circle(x, y, 5.5 * size, { fill: look.colour.panel })] : []
  return [...under, mark === 'outside' ? beyond(look, x, y, size) : ring(look, x, y, size)]
}

export const beyond = (look: Look, x: number, y: number, size = 1) => diamond(x, y, 4.5 * size, { fill: look.colour.bad })
export const ring = (look: Look, x: number, y: number, size = 1) => circle(x, y, 3 * size, { fill: look.colour.panel, stroke: look.colour.warn, lineWidth: 2 * size })

/** A sign's words, and how it is drawn around a point. */
export type Key = readonly [said: string, shapes: (x: number, y: number) => Shape[]]

export interface Legend {
  shapes: Shape[]
  /** How high it is. */
  height: number
  /** Where the last line ends. */
  end: number
}

const [LINE, SIGN, GAP] = [18, 18, 14]

/** Signs beside each other with their words, in another line where there is no room: none is left out. */
export function legend(keys: readonly Key[], look: Look, from = 0, to = look.width): Legend {
  const shapes: Shape[] = []
  let [x, y] = [from, 0]
  for (const [said, drawn] of keys) {
    if (x > from && x + SIGN + widthOf(said) > to) [x, y] = [from, y + LINE]
    shapes.push(...drawn(x + 5, y + 9), text(x + SIGN, y + 9, said, { fill: look.colour.mute, fontFamily: look.font }))
    x += SIGN + widthOf(said) + GAP
  }
  return { shapes, height: keys.length ? y + LINE : 0, end: x }
}
