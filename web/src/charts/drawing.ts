/** What a chart is before it is drawn: a function of its place and colours, and the same numbers as a table. */

import type { Option } from './echarts'

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
  /** In the file, where it differs from what is shown: a number with all its digits. */
  value?: string | number | null
  /** The page behind it. */
  to?: string | undefined
  /** Marked as a signal is in the chart. */
  strong?: boolean
}

export interface Table {
  head: { text: string; number?: boolean }[]
  rows: Cell[][]
}

export interface Drawing {
  height: (width: number) => number
  option: (look: Look) => Option
  table: Table
}

/** The table as rows of a file. */
export function fileRows(table: Table): (string | number | null)[][] {
  return [table.head.map((one) => one.text), ...table.rows.map((row) => row.map((cell) => (cell.value === undefined ? cell.text : cell.value)))]
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
