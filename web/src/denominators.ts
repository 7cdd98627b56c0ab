/** What contacts are counted by, in the words of the trade; others by their code. */

import { worded, words, type Pair } from './ui'

const X: Record<string, Pair> = {
  parcels: ['包裹', 'parcels'],
  units: ['件', 'units'],
  orders: ['订单', 'orders'],
  members: ['会员', 'members'],
  bills: ['账单', 'bills'],
  refunds: ['退款', 'refunds'],
  repairs: ['维修', 'repairs'],
  installs: ['安装', 'installs'],
  cases: ['工单', 'cases'],
  contacts: ['联络', 'contacts'],
  visits: ['到店', 'visits'],
  sessions: ['会话', 'sessions'],
  contracts: ['合同', 'contracts'],
  customers: ['客户', 'customers'],
}
const t = words({ per: ['每千{x}', 'per 1,000 {x}'], short: ['每千{x}', '/1k {x}'] })

/** "包裹 parcels": for who picks one, the code beside its name. */
export function xCode(code: string): string {
  const name = xName(code)
  return name === code ? code : `${name} ${code}`
}

export function xName(code: string): string {
  const known = X[code]
  return known ? worded(known) : code
}

/** "每千包裹" */
export function perX(code: string): string {
  return t('per', { x: xName(code) })
}

/** The same where there is little room. */
export function shortPerX(code: string): string {
  return t('short', { x: xName(code) })
}
