/** Amounts in the words of a reader: money, counts, shares, weeks. What is not known is a dash, never a zero. */

import { language } from './ui'

export const UNKNOWN = '—'

/** Made once a language: making one takes far longer than writing a number with it. */
function formatter(digits: number): () => Intl.NumberFormat {
  const made = new Map<string, Intl.NumberFormat>()
  return () => {
    const locale = language.value === 'en' ? 'en-GB' : 'zh-CN'
    const known = made.get(locale) ?? new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits || 3 })
    made.set(locale, known)
    return known
  }
}

const whole = formatter(0)
const cents = formatter(2)

/** 1,234 of 1234. */
export function count(n: number | null | undefined): string {
  return n === null || n === undefined ? UNKNOWN : whole().format(n)
}

/** ¥1,234.50 of 123450 fen. */
export function yuan(fen: number | null | undefined): string {
  if (fen === null || fen === undefined) return UNKNOWN
  const amount = cents().format(Math.abs(fen) / 100)
  return `${fen < 0 ? '−' : ''}¥${amount}`
}

/** 12.3% of 0.123. */
export function share(part: number | null | undefined, digits = 1): string {
  return part === null || part === undefined ? UNKNOWN : `${(100 * part).toFixed(digits)}%`
}

/** 0.80 of 0.8: ratios and rates. */
export function ratio(value: number | null | undefined, digits = 2): string {
  return value === null || value === undefined ? UNKNOWN : value.toFixed(digits)
}
