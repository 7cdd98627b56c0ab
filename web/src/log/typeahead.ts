/** How well a cause fits what is typed: its words in Chinese and English, its pinyin in full or by initials. */

import type { Cause } from '../taxonomy'

export type Readings = (character: string) => readonly string[]

/** Better matches come first; 0 does not fit. */
const RANK = { label: 100, spelt: 90, inside: 80, speltInside: 70, english: 60, englishInside: 40, code: 30, meaning: 20 } as const

export function fits(cause: Cause, typed: string, readings: Readings | undefined): number {
  const words = typed.normalize('NFKC').toLowerCase().trim()
  if (!words) return 1
  const label = cause.label_zh.toLowerCase()
  const english = cause.label_en.toLowerCase()
  if (label.startsWith(words) || english.startsWith(words)) return RANK.label
  const spelt = readings && /^[a-zü' ]+$/.test(words) ? spells(label, words, readings) : -1
  if (spelt === 0) return RANK.spelt
  if (label.includes(words)) return RANK.inside
  if (spelt > 0) return RANK.speltInside
  if (english.split(/[^a-z]+/).some((word) => word.startsWith(words))) return RANK.english
  if (english.includes(words)) return RANK.englishInside
  if (cause.code.includes(words)) return RANK.code
  return cause.definition_zh.toLowerCase().includes(words) || cause.group.includes(words) ? RANK.meaning : 0
}

/** From which character on the text is spelt by the letters: tk, tuik, tuikuan for 退款; -1 when it is not. */
export function spells(text: string, letters: string, readings: Readings): number {
  const wanted = letters.replaceAll('ü', 'v').replace(/[' ]/g, '')
  const said = Array.from(text.toLowerCase()).flatMap((one) => {
    const known = /[a-z0-9]/.test(one) ? [one] : readings(one)
    return known.length ? [known] : []
  })
  return said.findIndex((_, at) => follows(said, at, wanted))
}

function follows(said: (readonly string[])[], at: number, rest: string): boolean {
  if (!rest) return true
  return (said[at] ?? []).some(
    (reading) =>
      reading.startsWith(rest) ||
      [reading, /^[zcs]h/.exec(reading)?.[0] ?? '', reading[0] ?? ''].some(
        (part) => part && rest.startsWith(part) && follows(said, at + 1, rest.slice(part.length)),
      ),
  )
}
