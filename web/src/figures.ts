/** Amounts in the words of a reader: money, counts, shares, weeks. What is not known is a dash, never a zero. */

import { language } from './ui'

export const UNKNOWN = '—'

const locale = () => (language.value === 'en' ? 'en-GB' : 'zh-CN')

/** 1,234 of 1234. */
export function count(n: number | null | undefined): string {
  return n === null || n === undefined ? UNKNOWN : n.toLocaleString(locale())
}

/** ¥1,234.50 of 123450 fen. */
export function yuan(fen: number | null | undefined): string {
  if (fen === null || fen === undefined) return UNKNOWN
  const amount = (Math.abs(fen) / 100).toLocaleString(locale(), { minimumFractionDigits: 2, maximumFractionDigits: 2 })
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
