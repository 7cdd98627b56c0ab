/** What a chart is before it is drawn: a function of its place and colours, and the same numbers as a table. */

import type { Option } from './echarts'
import { t } from './words'

export interface Size {
  width: number
  height: number
}

/** The tokens that charts use. */
export const COLOURS = [
  'panel', 'sunken', 'ink', 'mute', 'line', 'edge', 'accent', 'accent-soft', 'on-accent', 'bad', 'bad-soft', 'warn', 'warn-soft',
] as const // prettier-ignore
export type Colour = (typeof COLOURS)[number]

/** Where and how something is drawn. */
export interface Look extends Size {
  font: string
  dark: boolean
  colour: Record<Colour, string>
}

export interface Cell {
  text: string
  /** What it is called in the service; in the file in a column of its own before the name. */
  code?: string
  /** In the file, where it differs from what is shown: a number. */
  value?: string | number | null
  /** The page behind it. */
  to?: string | undefined
  /** Marked as a signal is in the chart. */
  strong?: boolean
}

export interface Head {
  text: string
  number?: boolean
  /** In the file, where nothing else says the unit. */
  file?: string
  /** Its cells have codes. */
  coded?: boolean
}

export interface Table {
  head: Head[]
  rows: Cell[][]
}

/** A heading that says in the file what its numbers are counted in. */
export function measured(text: string, unit: string): Head {
  return { text, number: true, file: t('ofUnit', { name: text, what: unit }) }
}

export interface Drawing {
  height: (width: number) => number
  option: (look: Look) => Option
  table: Table
}

/** The table as rows of a file: names beside their codes, numbers to six digits. */
export function fileRows(table: Table): (string | number | null)[][] {
  const head = table.head.flatMap((one) => [...(one.coded ? [t('code')] : []), one.file ?? one.text])
  const rows = table.rows.map((row) =>
    row.flatMap((cell, i) => {
      const value = cell.value === undefined ? cell.text : cell.value
      return [...(table.head[i]?.coded ? [cell.code ?? ''] : []), typeof value === 'number' ? rounded(value) : value]
    }),
  )
  return [head, ...rows]
}

/** Six digits, or the cents of a large amount: 0.3 of 0.30000000000000004. */
function rounded(value: number): number {
  if (Number.isInteger(value)) return value
  return Number(Math.abs(value) < 1e4 ? value.toPrecision(6) : value.toFixed(2))
}

/** Under this width charts are drawn for a phone. */
export const NARROW = 480

/** As many as have room; on paper there may be less than on the page. */
export function fitting<T>(all: readonly T[], room: number, least: number): { shown: readonly T[]; left: number } {
  const most = Math.max(1, Math.floor((room + 1) / least))
  if (all.length <= most) return { shown: all, left: 0 }
  return { shown: all.slice(0, most), left: all.length - most }
}

/** Texts, the tip and its frame as every chart has them. Texts come from users: they are never read as HTML. */
export function base(look: Look): Option {
  return {
    textStyle: { fontFamily: look.font, fontSize: 12, color: look.colour.mute },
    tooltip: {
      renderMode: 'richText',
      confine: true,
      backgroundColor: look.colour.panel,
      borderColor: look.colour.edge,
      borderWidth: 1,
      padding: [6, 10],
      textStyle: { color: look.colour.ink, fontSize: 12, lineHeight: 19, fontFamily: look.font },
    },
  }
}
