/** The parts of the page as drawings with their sentences. Each takes what the service told and makes no other number. */

import type { Drawing } from '../charts/drawing'
import { bars } from '../charts/bars'
import { matrix as bubbles } from '../charts/bubbles'
import { control } from '../charts/control'
import { perX, shortPerX } from '../denominators'
import { finding } from '../charts/finding'
import { heat } from '../charts/heat'
import { markOf, type Control, type Mark, type Signal } from '../charts/points'
import { weekLabel } from '../charts/scale'
import { skyline } from '../charts/skyline'
import { weekOf } from '../weeks'
import { count, ratio, share, yuan } from '../figures'
import { causeLabel, departmentName, taxonomy } from '../taxonomy'
import { contactsOf, trendOf, type Ledger, type Overview, type Rank, type Scored } from './overview'
import { t } from './words'

export interface Part {
  title: string
  finding: string
  drawing: Drawing
}

export const rate = (value: number | null) => ratio(value, value !== null && Math.abs(value) >= 10 ? 1 : 2)
const denominator = (cause: string) => taxonomy.value.causes.find((one) => one.code === cause)?.denominator ?? 'orders'

/** Seams of the taxonomy, and projects that went live. */
export function marksOf(data: Pick<Overview, 'chart' | 'projects'>): Mark[] {
  const weeks = new Set([...data.chart.weeks.map((one) => one.week), data.chart.running?.week])
  const projects = data.projects.projects.flatMap(({ project }): Mark[] => {
    return project.started ? [{ week: weekOf(project.plan.starts), text: project.id, long: `${project.id} ${project.title}`, kind: 'project' }] : []
  })
  const seams = data.chart.seams.map((seam): Mark => ({ week: seam.week, text: t('seam', { n: seam.taxonomy }), kind: 'seam' }))
  return [...seams, ...projects].filter((mark) => weeks.has(mark.week))
}

export function chartPart(data: Overview): Part {
  const given: Control = {
    points: data.chart.weeks,
    running: data.chart.running,
    marks: marksOf(data),
    show: (value) => ratio(value),
    to: (week) => contactsOf({ first: week, last: week }),
  }
  return { title: t('chartTitle', { per: perX('orders') }), finding: finding(given), drawing: control(given) }
}

export function skylinePart(data: Overview): Part {
  const causes = data.skyline.causes
  const newest = causes.map((one) => ({ name: causeLabel(one.cause), bar: one.bars.at(-1) }))
  const side = (side: string) => newest.filter(({ bar }) => bar?.signals.length && bar.side === side).map((one) => one.name)
  const [above, below] = [side('above'), side('below')]
  const said = [
    ...(above.length ? [t('skylineAbove', { n: above.length, names: listed(above) })] : []),
    ...(below.length ? [t('skylineBelow', { n: below.length, names: listed(below) })] : []),
  ]
  const towers = causes.map((one) => ({
    label: causeLabel(one.cause),
    per: perX(denominator(one.cause)),
    short: shortPerX(denominator(one.cause)),
    contacts: one.contacts,
    to: trendOf({ cause: one.cause }),
    bars: one.bars,
    link: (week: string) => contactsOf({ first: week, last: week, cause: one.cause }),
  }))
  const quiet = causes.length ? t('skylineQuiet', { n: causes.length }) : t('nothingYet')
  return { title: t('skylineTitle'), finding: said.join('') || quiet, drawing: skyline({ towers, show: rate }) }
}

/** "「a」「b」等": the first three names. */
function listed(names: readonly string[]): string {
  const few = names.slice(0, 3).map((name) => t('quoted', { name }))
  return few.join(t('between')) + (names.length > few.length ? t('andMore') : '')
}

export function matrixPart(data: Overview, ranks: readonly Rank[] | undefined, weeks: { first: string; last: string }): Part {
  const of = new Map(ranks?.map((one) => [one.cause, one]))
  const dots = data.matrix.map((one) => dotOf(one, of.get(one.cause), weeks))
  const worst = data.matrix.filter((one) => one.quadrant === 'eliminate').sort((a, b) => (of.get(b.cause)?.cost ?? 0) - (of.get(a.cause)?.cost ?? 0))
  const cost = worst.reduce((sum, one) => sum + (of.get(one.cause)?.cost ?? 0), 0)
  const said = worst.length ? t('matrixSays', { n: worst.length, cost: ranks ? yuan(cost) : '…', names: listed(worst.map((one) => causeLabel(one.cause))) }) : t('matrixNone')
  return {
    title: t('matrixTitle'),
    finding: data.matrix.length ? said : t('matrixEmpty'),
    drawing: bubbles({
      dots,
      names: [t('eliminate'), t('simplify'), t('automate'), t('leverage')],
      xName: t('matrixX'),
      yName: t('matrixY'),
      head: [{ text: t('cause') }, { text: t('quadrant') }, { text: t('customerValue'), number: true }, { text: t('companyValue'), number: true }, { text: t('fourWeekCost'), number: true }, { text: t('contacts'), number: true }],
    }),
  } // prettier-ignore
}

function dotOf(one: Scored, rank: Rank | undefined, weeks: { first: string; last: string }) {
  const label = causeLabel(one.cause)
  const scores = t('scores', { customer: ratio(one.customer_value), company: ratio(one.company_value), n: one.departments.length })
  return {
    label,
    x: one.customer_value,
    y: one.company_value,
    size: rank?.cost ?? null,
    to: contactsOf({ ...weeks, cause: one.cause }),
    tip: [`${label} · ${t(one.quadrant)}`, scores, rank ? `${t('fourWeekCost')} ${yuan(rank.cost)}` : t('costUnknown')].join('\n'),
    cells: [
      { text: t(one.quadrant), to: '/matrix' },
      { text: ratio(one.customer_value), value: one.customer_value },
      { text: ratio(one.company_value), value: one.company_value },
      { text: yuan(rank?.cost), value: rank ? rank.cost / 100 : null },
      { text: count(rank?.contacts), value: rank?.contacts ?? null, to: contactsOf({ ...weeks, cause: one.cause }) },
    ],
  }
}

export function heatPart(data: Overview): Part {
  const { weeks, departments } = data.heat_map
  const name = (one: { department: string; label: string }) => (departmentName(one.department) === one.department ? one.label : departmentName(one.department))
  const with_ = (kind: string) => departments.filter((one) => markOf(one.cells.at(-1)?.signals ?? ([] as Signal[])) === kind).map(name)
  const [outside, run] = [with_('outside'), with_('run')]
  const said = [
    ...(outside.length ? [t('heatOutside', { week: weekLabel(data.week), names: outside.join(t('comma')) })] : []),
    ...(run.length ? [t('heatRun', { names: run.join(t('comma')) })] : []),
  ]
  const rows = departments.map((one) => ({
    label: name(one),
    to: contactsOf({ first: weeks[0], last: weeks.at(-1), department: one.department }),
    cells: one.cells.map((cell) => ({
      value: cell.value,
      shown: cell.value === null ? t(cell.state as 'no_data') : ratio(cell.value),
      signals: cell.signals,
      to: contactsOf({ first: cell.week, last: cell.week, department: one.department }),
    })),
  }))
  return {
    title: t('heatTitle', { per: perX('orders') }),
    finding: said.join('') || (departments.length ? t('heatQuiet') : t('nothingYet')),
    drawing: heat({ columns: weeks.map(weekLabel), rows, short: (value) => value.toFixed(value >= 100 ? 0 : 1), name: t('department') }),
  }
}

export function ledgerPart(ledger: Ledger): Part {
  const lines = [...ledger.lines].sort((a, b) => b.fen - a.fen)
  const first = lines.find((one) => !one.account.startsWith('@'))
  const at = { month: ledger.month, state: t(`ledger_${ledger.state}`), total: yuan(ledger.total.fen) }
  const most = first && ledger.total.fen > 0 ? t('ledgerMost', { name: accountName(first.account), amount: yuan(first.fen), share: share(first.fen / ledger.total.fen, 0) }) : ''
  return {
    title: t('ledgerTitle'),
    finding: t('ledgerSays', at) + most + t(ledger.check.balanced ? 'ledgerBalanced' : 'ledgerUnbalanced'),
    drawing: bars({
      head: [{ text: t('account') }, { text: t('amount'), number: true }, { text: t('contacts'), number: true }, { text: t('disputed'), number: true }],
      bars: lines.map((one) => ({
        label: accountName(one.account),
        value: one.fen / 100,
        shown: yuan(one.fen),
        to: `/ledger?month=${ledger.month}&account=${encodeURIComponent(one.account)}`,
        aside: one.account.startsWith('@'),
        more: [
          { text: count(one.contacts), value: one.contacts },
          { text: yuan(one.disputed), value: one.disputed / 100 },
        ],
      })),
    }),
  }
}

export function accountName(account: string): string {
  if (account === '@unallocated') return t('unallocated')
  if (account.startsWith('@suspense:')) return t('suspense', { name: departmentName(account.slice('@suspense:'.length)) })
  return departmentName(account)
}
