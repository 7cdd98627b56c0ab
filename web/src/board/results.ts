/** What projects came to and how customers answered, each with its interval. */

import { measured } from '../charts/drawing'
import { intervals, type Row } from '../charts/intervals'
import { count, ratio, share } from '../figures'
import { causeLabel } from '../taxonomy'
import { said as saidIn } from '../ui'
import { verdictWord } from '../verdicts'
import type { Part } from './drawings'
import { RATES, trendOf, type Overview, type ProjectRow } from './overview'
import { t } from './words'

const TONES: Record<string, Row['tone']> = { WORSENED: 'bad', MOVED: 'warn' }
const ORDER = ['live', 'reopened', 'accepted', 'proposed', 'ended']

export function projectsPart(data: Overview): Part {
  const found = [...data.projects.projects].sort((a, b) => place(a) - place(b))
  const judged = found.filter((one) => one.verdict.word)
  const counts = new Map<string, number>()
  const said = (one: ProjectRow) => (one.verdict.word ? verdictWord(one.verdict.word) : t('noVerdict'))
  for (const one of [...judged, ...found.filter((each) => !each.verdict.word)]) counts.set(said(one), (counts.get(said(one)) ?? 0) + 1)
  const tally = [...counts].map(([word, n]) => t('tally', { word, n })).join(t('comma'))
  return {
    whose: 'own',
    title: t('projectsTitle'),
    finding: !found.length ? t('projectsNone') : t('projectsSay', { n: found.length }) + (judged.length ? t('projectsTally', { tally }) : t('projectsNoVerdict')) + (data.projects.more ? t('projectsMore') : ''),
    drawing: intervals({
      rows: found.map(projectRow),
      head: [{ text: t('project') }, { text: t('state') }, { text: t('verdict') }, { text: t('rateRatio'), number: true }, { text: t('low95'), number: true }, { text: t('high95'), number: true }, { text: t('reason') }],
      min: 0.2,
      max: 3,
      log: true,
      ticks: [0.25, 0.5, 1, 2],
      show: (value) => `×${value}`,
      still: { at: 1, text: '' },
      sides: [t('less'), t('more')],
    }),
  } // prettier-ignore
}

const place = (one: ProjectRow) => (ORDER.indexOf(one.project.state) + ORDER.length) % ORDER.length

function projectRow({ project, verdict }: ProjectRow): Row {
  const relapsed = Boolean(verdict.look?.relapsed)
  const word = verdict.word ? verdictWord(verdict.word) + (relapsed ? ` · ${t('relapsed')}` : '') : t(`state_${project.state}` as 'state_proposed')
  const numbers = verdict.rate_ratio === null ? standing(verdict.state) : ratio(verdict.rate_ratio) + (verdict.ci ? t('ofInterval', { low: ratio(verdict.ci[0]), high: ratio(verdict.ci[1]) }) : '')
  return {
    label: `${project.id} ${project.title}`,
    word,
    tone: relapsed ? 'bad' : (TONES[verdict.word ?? ''] ?? ''),
    value: verdict.rate_ratio,
    interval: verdict.ci,
    shown: numbers,
    to: `/projects/${project.id}`,
    tip: [`${project.id} ${project.title}`, `${causeLabel(project.plan.cause)} · ${word}`, numbers].join('\n'),
    cells: [
      { text: t(`state_${project.state}` as 'state_proposed') },
      { text: verdict.word ? word : '—', strong: Boolean(TONES[verdict.word ?? '']) },
      { text: ratio(verdict.rate_ratio), value: verdict.rate_ratio },
      { text: ratio(verdict.ci?.[0]), value: verdict.ci?.[0] ?? null },
      { text: ratio(verdict.ci?.[1]), value: verdict.ci?.[1] ?? null },
      { text: verdict.reason ? saidIn(verdict.reason) : standing(verdict.state) },
    ],
  }
}

const standing = (state: string) => t(`standing_${state}` as 'standing_due')

export function ratesPart(data: Overview): Part {
  const rates = data.three_rates
  const rows = RATES.map((name): Row => {
    const one = rates[name]
    const known = one.value !== null
    const bounds = one.worst !== null && one.best !== null && one.best > one.worst ? ([one.worst, one.best] as const) : null
    const numbers = known ? `${share(one.value)}  n ${count(one.n)}` : t(one.state as 'no_data')
    return {
      label: t(name),
      code: name,
      note: one.unknown ? t('notHeard', { n: count(one.unknown) }) : '',
      value: one.value,
      interval: one.low !== null && one.high !== null ? [one.low, one.high] : null,
      bounds,
      shown: numbers,
      to: trendOf({ metric: name }),
      tip: [t(name), numbers, known ? t('interval95', { low: share(one.low), high: share(one.high) }) : '', bounds ? t('boundsTip', { low: share(bounds[0]), high: share(bounds[1]) }) : ''].filter(Boolean).join('\n'),
      cells: [
        { text: known ? share(one.value) : t(one.state as 'no_data'), value: one.value },
        { text: share(one.low), value: one.low },
        { text: share(one.high), value: one.high },
        { text: share(one.worst), value: one.worst },
        { text: share(one.best), value: one.best },
        { text: count(one.n), value: one.n },
        { text: count(one.unknown), value: one.unknown },
      ],
    }
  })
  const known = RATES.map((name) => rates[name]).filter((one) => one.value !== null)
  const unheard = Math.max(0, ...RATES.map((name) => rates[name].unknown))
  return {
    whose: 'company',
    title: t('ratesTitle'),
    finding: known.length ? t('ratesSay', { first: rates.first.slice(5), last: rates.last.slice(5) }) + (unheard ? t('ratesUnheard', { n: count(unheard) }) : '') : t('ratesNone'),
    drawing: intervals({
      rows,
      head: [{ text: t('rate'), coded: true }, ...[t('value'), t('low95'), t('high95'), t('allBad'), t('allGood')].map((text) => measured(text, t('partUnit'))), ...['n', t('unheard')].map((text) => ({ text, number: true }))],
      min: 0,
      max: 1,
      ticks: [0, 0.25, 0.5, 0.75, 1],
      show: (value) => `${100 * value}%`,
    }),
  }
}
