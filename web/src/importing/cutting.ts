/** Rows in pieces that one request lets through. */

export interface FileRow {
  line: number
  /** JSON that only the service reads: a number keeps all its digits. */
  cells: string
  ordinal: number
}

export const MOST_ROWS = 250
/** Characters; JSON within JSON grows by its quotes, and a character has up to four bytes. */
const MOST_CHARACTERS = 900_000

/** From a place on: at most so many rows, and not too much text, but one row at least. */
export function* piecesOf(rows: readonly FileRow[], from = 0): Generator<FileRow[]> {
  let piece: FileRow[] = []
  let size = 0
  for (let n = from; n < rows.length; n++) {
    const row = rows[n]!
    if (piece.length && (piece.length === MOST_ROWS || size + row.cells.length > MOST_CHARACTERS)) {
      yield piece
      piece = []
      size = 0
    }
    piece.push(row)
    size += row.cells.length
  }
  if (piece.length) yield piece
}
