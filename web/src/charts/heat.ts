/** Heat map: one hue, the number in each cell; signals with their shapes, each row judged by its own limits. */

import { fitting, NARROW, type Drawing, type Look } from './drawing'
import { ramp, stepOf } from './hue'
import { cut, widthOf } from './labels'
import { pixels, type Item } from './pixels'
import { markOf, signalWords, type Signal } from './points'
import { circle, diamond, rect, text, type Shape } from './shapes'
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
  rows: { label: string; to?: string | undefined; cells: HeatCell[] }[]
  /** The short form that stands in a cell. */
  short: (value: number) => string
  /** What the rows are. */
  name: string
}

const [TOP, FOOT, HIGH, LEAST] = [24, 22, 27, 15]
const LAST_WEEKS = 8

export function heat(given: Heat): Drawing {
  return {
    height: () => TOP + FOOT + HIGH * given.rows.length,
    option: (look) => pixels(look, cells(look.width < NARROW ? newest(given) : given, look)),
    table: {
      head: [{ text: given.name }, ...given.columns.map((text) => ({ text, number: true })), { text: t('signal') }],
      rows: given.rows.map((row) => [
        { text: row.label, ...(row.to ? { to: row.to } : {}) },
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
  const { shown, left: rest } = fitting(given.rows, look.height - TOP - FOOT, LEAST)
  const high = (look.height - TOP - FOOT) / Math.max(1, shown.length)
  const tight = wide < 40
  const named = { fill: look.colour.ink, fontFamily: look.font }
  const items: Item[] = [{ shapes: legend(given, look, most) }]
  for (const [i, row] of shown.entries()) {
    const y = TOP + i * high
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
          text(x + wide / 2 - (tight && cell.signals.length ? 3 : 0), y + high / 2, number, { align: 'center', fill: step.text, fontFamily: look.font }),
          ...sign(look, cell, x + wide - (tight ? 5 : 7), y + (tight ? 5.5 : 7), tight ? 0.75 : 1),
        ],
      })
    }
  }
  const names = given.columns.map((name, j) => text(left + (j + 0.5) * wide, look.height - FOOT / 2 + 2, name, { align: 'center', fill: look.colour.mute, fontFamily: look.font }))
  const more = rest ? [text(0, look.height - FOOT / 2 + 2, t('notShown', { n: rest }), { fill: look.colour.mute, fontFamily: look.font })] : []
  return [...items, { shapes: [...names, ...more] }]
}

/** On paper of its own, so that it is seen on any step. */
function sign(look: Look, cell: HeatCell, x: number, y: number, size: number): Shape[] {
  const mark = markOf(cell.signals)
  if (!mark) return []
  const paper = circle(x, y, 5 * size, { fill: look.colour.panel })
  return [paper, mark === 'outside' ? diamond(x, y, 4 * size, { fill: look.colour.bad }) : circle(x, y, 2.5 * size, { fill: look.colour.panel, stroke: look.colour.warn, lineWidth: 1.5 })]
}

function legend(given: Heat, look: Look, most: number): Shape[] {
  const named = { fill: look.colour.mute, fontFamily: look.font }
  const [last, steps] = [given.short(most), ramp(look)]
  const right = look.width - widthOf(last) - 6
  const left = right - steps.length * 14
  const signs: Shape[] = []
  let x = 0
  for (const [said, shape] of [
    [t('outside'), diamond(5, 9, 4, { fill: look.colour.bad })],
    [t('run'), circle(0, 9, 2.5, { fill: look.colour.panel, stroke: look.colour.warn, lineWidth: 1.5 })],
  ] as const) {
    if (x + 18 + widthOf(said) > left - 24) break
    signs.push({ ...shape, x: x === 0 ? 0 : x + 5 } as Shape, text(x + 14, 9, said, named))
    x += 14 + widthOf(said) + 14
  }
  return [
    ...signs,
    text(left - 6, 9, '0', { ...named, align: 'right' }),
    ...steps.map((step, i) => rect(left + i * 14, 3, 14, 11, { fill: step.fill })),
    text(right + 6, 9, last, named),
  ]
}
