/** Moments that may lie in another year. */

import { moment } from '../ui'

const YEAR = new Intl.DateTimeFormat('en', { timeZone: 'Asia/Shanghai', year: 'numeric' })

/** 11-22 14:05 of this year, 2025-11-22 14:05 of another. */
export function dated(iso: string, now = new Date()): string {
  const year = YEAR.format(new Date(iso))
  return year === YEAR.format(now) ? moment(iso) : `${year}-${moment(iso)}`
}
