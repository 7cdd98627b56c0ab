/** The charge-back ledger as the service tells it, and what follows from it. */

import { UNKNOWN, yuan } from '../figures'
import type { Session } from '../session'
import { causeLabel, departmentName } from '../taxonomy'
import { t } from './words'

export type MonthState = 'open' | 'closing' | 'closed'

export interface Line {
  account: string
  /** Of a cause; the whole account has none. */
  cause?: string
  contacts: number
  fen: number
  late: number
  reversed: number
  reversals: number
  disputed: number
}

export interface Arithmetic {
  zh: string
  en: string
}

export interface Ledger {
  month: string
  state: MonthState
  closes: { at: string; lines: Arithmetic[] }
  months: { month: string; state: MonthState }[]
  lines: Line[]
  causes: Line[]
  total: { fen: number }
  /** How the contacts of the lines are counted. */
  counted: { zh: string; en: string }
  check: { balanced: boolean; booked?: number; accounts?: number; causes?: number; cost_ever?: number; charged_ever?: number }
  statement: { at: string; by: string; digest: string } | null
}

export interface Dispute {
  id: string
  version: number
  department: string
  cause: string
  month: string
  contact: string
  to: string
  reason: string
  by: string
  opened: string
  fen: number
  due: string
  state: 'open' | 'upheld' | 'refused'
  moving: boolean
  escalated: boolean
  late: boolean
  decided: string | null
  decided_by: string
  ruling: string
  shares: { contacts: number; fen: number }
  clock: Arithmetic[]
}

const UNALLOCATED = '@unallocated'
const SUSPENSE = '@suspense:'
const NO_CAUSE = '-'

export function accountName(account: string): string {
  if (account === UNALLOCATED) return t('unallocated')
  if (account.startsWith(SUSPENSE)) return t('suspenseOf', { name: departmentName(account.slice(SUSPENSE.length)) })
  return departmentName(account)
}

export function causeName(cause: string): string {
  return cause === NO_CAUSE ? t('noCause') : causeLabel(cause)
}

/** Departments by what they bear, then what is disputed, last what nobody bears. */
export function accounts(view: Ledger): { line: Line; causes: Line[] }[] {
  const place = (account: string) => (account === UNALLOCATED ? 2 : account.startsWith(SUSPENSE) ? 1 : 0)
  const dearest = (a: Line, b: Line) => b.fen - a.fen || a.account.localeCompare(b.account)
  return [...view.lines]
    .sort((a, b) => place(a.account) - place(b.account) || dearest(a, b))
    .map((line) => ({ line, causes: view.causes.filter((one) => one.account === line.account).sort(dearest) }))
}

/** Fen of the accounts that nobody bears, or that wait for a decision. */
export function apart(view: Ledger, which: 'unallocated' | 'suspense'): number {
  const wanted = which === 'unallocated' ? UNALLOCATED : SUSPENSE
  return view.lines.filter((line) => line.account.startsWith(wanted)).reduce((sum, line) => sum + line.fen, 0)
}

/** The earlier months that closing this one closes too. */
export function closedWith(view: Ledger): string[] {
  return view.months.filter((one) => one.state === 'open' && one.month < view.month).map((one) => one.month).sort()
}

type Who = Pick<Session, 'role' | 'departments'> | undefined

/** Whether it is theirs to close months. */
export function closes(who: Who): boolean {
  return who?.role === 'executive' || who?.role === 'admin'
}

/** The lead of the department that is charged; nothing else can be disputed. */
export function mayDispute(line: Line, who: Who): boolean {
  if (line.account.startsWith('@') || !line.cause || line.fen <= 0) return false
  return who?.role === 'admin' || (who?.role === 'lead' && who.departments.includes(line.account))
}

/** Executives decide anything; the department named may take the share until the clock runs out. */
export function mayDecide(one: Dispute, who: Who): 'decide' | 'take' | undefined {
  if (one.state !== 'open' || !who) return undefined
  if (closes(who)) return 'decide'
  const named = who.role === 'lead' && who.departments.includes(one.to) && !who.departments.includes(one.department)
  return named && !one.escalated ? 'take' : undefined
}

export function shareOf(one: Dispute): string {
  return one.month ? t('shareMonth', { month: one.month }) : t('shareContact', { contact: one.contact })
}

/** 12.34 of 1234: for a sheet, which adds it up. */
export function plain(fen: number): string {
  const whole = Math.trunc(Math.abs(fen) / 100)
  return `${fen < 0 ? '-' : ''}${whole}.${String(Math.abs(fen) % 100).padStart(2, '0')}`
}

/** The table as rows of a file: accounts with their causes, and the sum. */
export function table(view: Ledger): (string | number)[][] {
  const head = [t('month'), t('account'), t('cause'), t('contacts'), t('amount'), t('late'), t('reversed'), t('disputed')]
  const row = (line: Line) => [
    view.month,
    accountName(line.account),
    line.cause ? causeName(line.cause) : '',
    line.contacts,
    ...[line.fen, line.late, line.reversed, line.disputed].map(plain),
  ]
  const rows = accounts(view).flatMap(({ line, causes }) => [row(line), ...causes.map(row)])
  return [head, ...rows, [view.month, t('sum'), '', '', plain(view.total.fen), '', '', '']]
}

/** The two lines of the check that an executive reads; a lead sees only whether it is balanced. */
export function checkLines(check: Ledger['check']): string[] {
  if (check.booked === undefined) return []
  const amounts = (names: Record<string, number | undefined>) =>
    Object.fromEntries(Object.entries(names).map(([name, fen]) => [name, fen === undefined ? UNKNOWN : yuan(fen)]))
  return [
    t('checkMonth', amounts({ accounts: check.accounts, causes: check.causes, booked: check.booked })),
    t('checkEver', amounts({ charged: check.charged_ever, cost: check.cost_ever })),
  ]
}
