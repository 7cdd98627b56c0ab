/** Heat map: one hue, the number in each cell; signals with their shapes, each row judged by its own limits. */

import { fitting, measured, NARROW, type Drawing, type Look } from './drawing'
import { ramp, stepOf } from './hue'
import { cut, widthOf } from './labels'
import { pixels, type Item } from './pixels'
import { signalWords, type Signal } from './points'
import { rect, text, type Shape } from './shapes'
import { beyond, legend, ring, sign } from './signs'
import { t } from './words'

export interface HeatCell {
  value: number | null
  /** The value in words, or why there is none. */
  shown: string
  signals: Signal[]
  to?: string | undefined
}

export interface Heat {
  columns: string[]
  rows: { label: string; code: string; to?: string | undefined; cells: HeatCell[] }[]
  /** The short form that stands in a cell. */
  short: (value: number) => string
  /** What the rows are. */
  name: string
  /** What the values are counted in. */
  unit: string
}

const [AIR, FOOT, HIGH, LEAST, MOST] = [6, 22, 27, 15, 48]
const LAST_WEEKS = 8

export function heat(given: Heat): Drawing {
  return {
    height: (width) => (width < NARROW ? 2 : 1) * 18 + AIR + FOOT + HIGH * given.rows.length,
    option: (look) => pixels(look, cells(look.width < NARROW ? newest(given) : given, look)),
    table: {
      head: [{ text: given.name, coded: true }, ...given.columns.map((text) => measured(text, given.unit)), { text: t('signal') }],
      rows: given.rows.map((row) => [
        { text: row.label, code: row.code, ...(row.to ? { to: row.to } : {}) },
        ...row.cells.map((cell) => ({ text: cell.shown, value: cell.value ?? cell.shown, to: cell.to, strong: cell.signals.length > 0 })),
        { text: signalWords(row.cells.at(-1)?.signals ?? []) },
      ]),
    },
  }
}

function newest(given: Heat): Heat {
  return { ...given, columns: given.columns.slice(-LAST_WEEKS), rows: given.rows.map((row) => ({ ...row, cells: row.cells.slice(-LAST_WEEKS) })) }
}

function cells(given: Heat, look: Look): Item[] {
  const steps = ramp(look)
  const most = Math.max(0, ...given.rows.flatMap((row) => row.cells.map((cell) => cell.value ?? 0)))
  const left = Math.min(look.width * 0.3, Math.max(0, ...given.rows.map((row) => widthOf(row.label))) + 10)
  const wide = (look.width - left) / Math.max(1, given.columns.length)
  const head = headOf(given, look, most)
  const room = look.height - head.height - FOOT
  const { shown, left: rest } = fitting(given.rows, room, LEAST)
  // Beside a higher chart few rows do not grow into towers.
  const high = Math.min(MOST, room / Math.max(1, shown.length))
  const under = head.height + high * shown.length + FOOT / 2 + 2
  const tight = wide < 40
  const named = { fill: look.colour.ink, fontFamily: look.font }
  const items: Item[] = [{ shapes: head.shapes }]
  for (const [i, row] of shown.entries()) {
    const y = head.height + i * high
    items.push({ to: row.to, tip: row.label, shapes: [text(left - 8, y + high / 2, cut(row.label, left - 10), { ...named, align: 'right' })] })
    for (const [j, cell] of row.cells.entries()) {
      const step = cell.value === null ? { fill: look.colour.sunken, text: look.colour.mute } : steps[stepOf(cell.value, most)]!
      const x = left + j * wide
      const number = cell.value === null ? '—' : given.short(cell.value)
      items.push({
        to: cell.to,
        tip: [`${row.label}  ${given.columns[j]}`, cell.shown, signalWords(cell.signals)].filter(Boolean).join('\n'),
        shapes: [
          rect(x + 0.75, y + 0.75, wide - 1.5, high - 1.5, { fill: step.fill }),
          text(x + wide / 2, y + high / 2 + (tight ? 2 : 0), number, { align: 'center', fill: step.text, fontFamily: look.font }),
          ...sign(look, cell.signals, x + wide - (tight ? 5 : 7), y + (tight ? 5 : 7), tight ? 0.65 : 0.9),
        ],
      })
    }
  }
  const names = given.columns.map((name, j) => text(left + (j + 0.5) * wide, under, name, { align: 'center', fill: look.colour.mute, fontFamily: look.font }))
  const more = rest ? [text(0, under, t('notShown', { n: rest }), { fill: look.colour.mute, fontFamily: look.font })] : []
  return [...items, { shapes: [...names, ...more] }]
}

const STEP = 14

/** The signs with their words, and what the steps stand for: at the right, or in a line of their own. */
function headOf(given: Heat, look: Look, most: number): { shapes: Shape[]; height: number } {
  const named = { fill: look.colour.mute, fontFamily: look.font }
  const [last, steps] = [given.short(most), ramp(look)]
  const keys = legend([[t('outside'), (x, y) => [beyond(look, x, y)]], [t('run'), (x, y) => [ring(look, x, y)]]], look) // prettier-ignore
  const wide = 20 + steps.length * STEP + widthOf(last)
  const beside = keys.end + wide <= look.width
  const y = beside ? keys.height - 9 : keys.height + 9
  const left = look.width - wide + 14
  return {
    shapes: [
      ...keys.shapes,
      text(left - 6, y, '0', { ...named, align: 'right' }),
      ...steps.map((step, i) => rect(left + i * STEP, y - 6, STEP, 11, { fill: step.fill })),
      text(left + steps.length * STEP + 6, y, last, named),
    ],
    height: y + 9 + AIR,
  }
}
