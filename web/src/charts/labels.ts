/** Where texts go in a chart, so that none lies on another. Widths are reckoned: the same in tests and on paper. */

const WIDE = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60\u3000-\u303f\u2018-\u201d]/

/** About how wide a text is in pixels. */
export function widthOf(text: string, size = 12): number {
  return [...text].reduce((sum, sign) => sum + size * (WIDE.test(sign) ? 1 : 0.57), 0)
}

/** The text in lines that fit; Latin words stay whole where they can. */
export function wrapped(text: string, width: number, size = 12): string[] {
  const lines: string[] = []
  let line = ''
  for (const piece of text.match(/[\u0021-\u007e\u00a0-\u024f]+|./gsu) ?? []) {
    if (line && widthOf(line + piece, size) > width) {
      lines.push(line.trimEnd())
      line = piece.trim() ? piece : ''
    } else line += piece
  }
  return line.trim() ? [...lines, line.trimEnd()] : lines
}

/** In at most so many lines of about the same length; what does not fit ends with an ellipsis. */
export function balanced(text: string, width: number, most = 2, size = 12): string {
  const needed = Math.min(most, Math.max(1, Math.ceil(widthOf(text, size) / width)))
  const each = Math.min(width, widthOf(text, size) / needed + size)
  let lines = wrapped(text, each, size)
  if (lines.length > most) lines = wrapped(text, width, size)
  if (lines.length <= most) return lines.join('\n')
  return [...lines.slice(0, most - 1), cut(lines.slice(most - 1).reduce(joined), width, size)].join('\n')
}

const joined = (a: string, b: string) => (WIDE.test(a.at(-1)!) || WIDE.test(b[0]!) ? a + b : `${a} ${b}`)

/** As much as fits, with an ellipsis where something is left out. */
export function cut(text: string, width: number, size = 12): string {
  if (widthOf(text, size) <= width) return text
  const signs = [...text]
  while (signs.length && widthOf(signs.join('') + '…', size) > width) signs.pop()
  return signs.join('').trimEnd() + '…'
}

/** Positions at least `gap` apart, each as near to where it belongs as the others let it, inside from..to. */
export function apart(wanted: readonly number[], gap: number, from: number, to: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a]! - wanted[b]!)
  const placed = order.map((i) => Math.min(Math.max(wanted[i]!, from), to))
  for (let i = 1; i < placed.length; i++) placed[i] = Math.max(placed[i]!, placed[i - 1]! + gap)
  if (placed.length) placed[placed.length - 1] = Math.min(placed.at(-1)!, to)
  for (let i = placed.length - 2; i >= 0; i--) placed[i] = Math.min(placed[i]!, placed[i + 1]! - gap)
  const found = new Array<number>(wanted.length)
  for (const [place, i] of order.entries()) found[i] = placed[place]!
  return found
}

/** For texts centred at x: the line of text (0 is the first) in which each has room. */
export function lanes(texts: readonly { x: number; width: number }[], gap = 8): number[] {
  const ends: number[] = []
  const order = texts.map((_, i) => i).sort((a, b) => texts[a]!.x - texts[b]!.x)
  const found = new Array<number>(texts.length)
  for (const i of order) {
    const { x, width } = texts[i]!
    let lane = ends.findIndex((end) => end + gap <= x - width / 2)
    if (lane < 0) lane = ends.length
    ends[lane] = x + width / 2
    found[i] = lane
  }
  return found
}

export interface Box {
  left: number
  top: number
  width: number
  height: number
}

export function overlap(a: Box, b: Box): number {
  const wide = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left)
  const high = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top)
  return wide > 0 && high > 0 ? wide * high : 0
}
