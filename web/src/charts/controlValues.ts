/** What is written beside the points of a control chart. */

import type { Laid } from './controlDrawing'
import type { Look } from './drawing'
import { overlap, widthOf, type Box } from './labels'
import { markOf, type Control, type Point } from './points'
import { weekLabel } from './scale'
import { text, type Shape, type To } from './shapes'

const MOST_VALUES = 6
/** How far from its point a value stands. */
const OFF = 16
/** Half of a plain point, with some air. */
const DOT = 4

/** Values that give room to what is written over and under points beyond a limit. */
export function aired(points: readonly Point[], values: readonly number[], look: Look): number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const air = ((high - low) * (OFF + 10)) / Math.max(60, look.height - 100)
  const ends = points.filter((one) => markOf(one.signals) === 'outside').map((one) => (one.side === 'below' ? one.value! - air : one.value! + air))
  return low >= 0 ? ends.map((one) => Math.max(0, one)) : ends
}

/** The value of points beyond a limit, the newest first, as many as have room: on no other value and on no point. */
export function saidValues(given: Control, look: Look, plan: Laid, x: To, y: To): Shape[] {
  const all = [...given.points, ...(given.running ? [given.running] : [])]
  const points = all.flatMap((one, i) => (one.value === null ? [] : [{ left: x(i) - DOT, top: y(one.value) - DOT, width: 2 * DOT, height: 2 * DOT }]))
  const taken: Box[] = []
  const found: Shape[] = []
  for (const [i, one] of [...given.points.entries()].reverse()) {
    if (markOf(one.signals) !== 'outside' || one.value === null || found.length >= MOST_VALUES) continue
    const said = `${weekLabel(one.week)} ${given.show(one.value)}`
    const width = widthOf(said) + 4
    const middle = Math.min(Math.max(x(i), plan.left + width / 2), look.width - plan.right - width / 2)
    const at = y(one.value)
    const box = (off: number): Box => ({ left: middle - width / 2, top: at + off - 8, width, height: 16 })
    const free = (off: number) => box(off).top + 16 <= plan.bottom && [...points, ...taken].every((other) => overlap(box(off), other) === 0)
    const off = (one.side === 'below' ? [OFF, -OFF] : [-OFF, OFF]).find(free)
    if (off === undefined) continue
    taken.push(box(off))
    const halo = { stroke: look.colour.panel, lineWidth: 3 }
    found.push(text(middle, at + off, said, { align: 'center', fill: look.colour.bad, fontWeight: 600, fontFamily: look.font, ...halo }))
  }
  return found
}
