/** Horizontal bars with their amounts: the largest first or as given. */

import { fitting, type Cell, type Drawing, type Head, type Look } from './drawing'
import { cut, widthOf } from './labels'
import { pixels, type Item } from './pixels'
import { rect, text } from './shapes'
import { t } from './words'

export interface Bar {
  label: string
  code?: string
  value: number
  shown: string
  to?: string | undefined
  tip?: string
  /** Not of the main kind: drawn in grey. */
  aside?: boolean
  /** What else the table says of it. */
  more?: Cell[]
}

const [HIGH, LEAST, MOST] = [25, 13, 34]

export function bars(given: { bars: Bar[]; head: Head[] }): Drawing {
  return {
    height: () => 8 + HIGH * given.bars.length,
    option: (look) => pixels(look, laid(given.bars, look)),
    table: {
      head: given.head,
      rows: given.bars.map((one) => [{ text: one.label, ...(one.code ? { code: one.code } : {}), ...(one.to ? { to: one.to } : {}) }, { text: one.shown, value: one.value }, ...(one.more ?? [])]),
    },
  }
}

function laid(given: Bar[], look: Look): Item[] {
  const left = Math.min(look.width * 0.36, Math.max(0, ...given.map((one) => widthOf(one.label))) + 10)
  const right = Math.max(0, ...given.map((one) => widthOf(one.shown))) + 10
  const most = Math.max(1, ...given.map((one) => one.value))
  const { shown, left: rest } = fitting(given, look.height - 24, LEAST)
  const high = Math.min(MOST, (look.height - 8 - (rest ? 16 : 0)) / Math.max(1, shown.length))
  const more: Item[] = rest ? [{ shapes: [text(left, look.height - 9, t('notShown', { n: rest }), { fill: look.colour.mute, fontFamily: look.font })] }] : []
  return shown.map((one, i): Item => {
    const y = 4 + i * high
    const long = Math.max(0, (one.value / most) * (look.width - left - right))
    const style = { fill: look.colour.ink, fontFamily: look.font }
    return {
      to: one.to,
      tip: one.tip ?? `${one.label}  ${one.shown}`,
      shapes: [
        text(left - 8, y + high / 2, cut(one.label, left - 8), { ...style, align: 'right' }),
        rect(left, y + high * 0.16, long, high * 0.68, { fill: one.aside ? look.colour.edge : look.colour.accent }),
        text(left + long + 6, y + high / 2, one.shown, style),
      ],
    }
  }).concat(more) // prettier-ignore
}
