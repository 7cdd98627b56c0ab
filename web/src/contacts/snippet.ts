/** A long text cut to where something stands in it. */

import type { Span } from '../pieces'

const BEFORE = 24
/** Characters before the first mark that are shown in any case. */
const START = 60
const LONGEST = 360

/** The part of the text around its first mark, with the marks moved along; what is cut off is an ellipsis. */
export function snippet(text: string, spans: readonly Span[]): { text: string; spans: Span[] } {
  const points = Array.from(text)
  const first = spans.length ? Math.min(...spans.map(([start]) => start)) : 0
  const from = first > START ? first - BEFORE : 0
  const upto = Math.min(points.length, from + LONGEST)
  const ahead = from ? 1 : 0
  const kept = points.slice(from, upto).join('')
  const moved = spans
    .filter(([start, end]) => start < upto && end > from)
    .map(([start, end]): Span => [Math.max(start, from) - from + ahead, Math.min(end, upto) - from + ahead])
  return { text: `${from ? '…' : ''}${kept}${upto < points.length ? '…' : ''}`, spans: moved }
}
