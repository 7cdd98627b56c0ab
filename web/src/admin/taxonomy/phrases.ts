/** The phrases of a cause in one cell of a file, as ./voc taxonomy save and load write and read them. */

const LISTS = /[;；\n]/
const DEEPER: Record<string, number> = { '(': 1, '（': 1, ')': -1, '）': -1 }

/** Apart by ; or line ends, without those also by | 、 and ,. A | in brackets is none of these. */
export function phrasesIn(cell: string): string[] {
  let depth = 0
  const apart = (sign: string): boolean => {
    depth += DEEPER[sign] ?? 0
    return '、,，'.includes(sign) || (sign === '|' && depth <= 0)
  }
  const listed = LISTS.test(cell) ? cell : [...cell].map((sign) => (apart(sign) ? ';' : sign)).join('')
  return [...new Set(listed.split(LISTS).map((one) => one.trim()))].filter(Boolean)
}

/** The cell in which `phrasesIn` finds these; a ; within a phrase becomes a comma, which says the same. */
export function cellOf(phrases: string[]): string {
  const words = phrases.join('|')
  const found = phrasesIn(words)
  const same = found.length === phrases.length && found.every((one, n) => one === phrases[n])
  return same ? words : phrases.map((one) => `${one.replace(/[;；\n]/g, '，')}；`).join('')
}
