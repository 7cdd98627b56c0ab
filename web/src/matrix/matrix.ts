/** Blind scores of causes, and what they come to. */

import { ratio } from '../figures'
import { causeLabel, departmentName, type Cause } from '../taxonomy'
import { t } from './words'

export type Quadrant = 'eliminate' | 'simplify' | 'automate' | 'leverage'
/** As on the chart: above what the company values, right what the customer values. */
export const PLACES: Quadrant[] = ['simplify', 'leverage', 'eliminate', 'automate']
const ORDER: Quadrant[] = ['eliminate', 'simplify', 'automate', 'leverage']

export interface Score {
  cause: string
  department: string
  customer_value: number
  company_value: number
  revised: boolean
}

export interface Row {
  cause: string
  customer_value: number
  company_value: number
  departments: string[]
  scores: Omit<Score, 'cause'>[]
  spread: { customer: [number, number]; company: [number, number] }
  quadrant: Quadrant
}

export interface Matrix {
  cycle: string
  causes: Row[]
  own: Score[]
  scored: Record<string, number>
  to_score: number
}

/** What was chosen and not yet handed in; a side may be open. */
export interface Marks {
  customer?: number
  company?: number
}

export type Draft = Record<string, Marks>

export function complete(marks: Marks | undefined): marks is Required<Marks> {
  return Boolean(marks?.customer && marks.company)
}

export function half(marks: Marks | undefined): boolean {
  return Boolean(marks && !complete(marks) && (marks.customer || marks.company))
}

/** The causes still to be scored for a department, and those being changed. */
export function toScore(causes: Cause[], own: Score[], draft: Draft, department: string): Cause[] {
  const given = new Set(own.filter((one) => one.department === department).map((one) => one.cause))
  return causes.filter((cause) => !given.has(cause.code) || draft[cause.code])
}

export function ready(causes: Cause[], draft: Draft): string[] {
  return causes.map((cause) => cause.code).filter((code) => complete(draft[code]))
}

/** Scores of an earlier cycle for what has none yet: a start, not an answer. */
export function takenOver(earlier: Score[], department: string, open: Cause[], draft: Draft): Draft {
  const wanted = new Set(open.map((cause) => cause.code).filter((code) => !draft[code]))
  const found = earlier.filter((one) => one.department === department && wanted.has(one.cause))
  return Object.fromEntries(found.map((one) => [one.cause, { customer: one.customer_value, company: one.company_value }]))
}

const WIDE = 3

export function wide(row: Row): boolean {
  return [row.spread.customer, row.spread.company].some(([low, high]) => high - low >= WIDE)
}

/** What has to go first, in it what irritates most. */
export function ordered(rows: Row[]): Row[] {
  const worth = (row: Row) => row.customer_value + row.company_value
  return [...rows].sort((a, b) => ORDER.indexOf(a.quadrant) - ORDER.indexOf(b.quadrant) || worth(a) - worth(b) || a.cause.localeCompare(b.cause))
}

export function table(rows: Row[]): (string | number)[][] {
  const sides = (side: string) => [side, `${side} ${t('low')}`, `${side} ${t('high')}`]
  const head = [t('cause'), t('quadrant'), ...sides(t('customerMean')), ...sides(t('companyMean')), t('each')]
  return [
    head,
    ...ordered(rows).map((row) => [
      causeLabel(row.cause),
      t(`quadrant_${row.quadrant}`),
      ratio(row.customer_value),
      ...row.spread.customer,
      ratio(row.company_value),
      ...row.spread.company,
      row.scores.map(given).join(' · '),
    ]),
  ]
}

export function given(one: Omit<Score, 'cause'>): string {
  const said = t('eachOne', { name: departmentName(one.department), customer: one.customer_value, company: one.company_value })
  return one.revised ? `${said} (${t('revised')})` : said
}
