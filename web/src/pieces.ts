/** A text cut where it is marked: evidence, terms found. */

export type Span = [number, number]

export interface Piece {
  text: string
  marked: boolean
}

/** The text cut at its spans; these count code points, overlaps are joined. */
export function pieces(text: string, spans: readonly Span[]): Piece[] {
  const points = Array.from(text)
  const marked = new Array<boolean>(points.length).fill(false)
  for (const [start, end] of spans) marked.fill(true, Math.max(0, start), Math.min(points.length, end))
  const out: Piece[] = []
  points.forEach((point, at) => {
    const last = out.at(-1)
    if (last && last.marked === marked[at]) last.text += point
    else out.push({ text: point, marked: Boolean(marked[at]) })
  })
  return out
}
