import { beforeEach, describe, expect, it } from 'vitest'
import { answerOf, missingOf, type Typed } from '../src/cases/callback'
import { clock, span, type Case, type Contact, type View } from '../src/cases/case'
import { fitting, taken, typedName, type Colleague } from '../src/cases/mention'
import { newsOf } from '../src/cases/news'
import { FIRST, pages, sliced, type Ask, type Row } from '../src/cases/queue'
import { timeline } from '../src/cases/timeline'
import { told } from '../src/cases/trends'
import { draw, HEIGHT, WIDTH } from '../src/kit/sparkline'
import { aboutWords, places } from '../src/notices/notices'
import { taxonomy } from '../src/taxonomy'
import { language } from '../src/ui'

beforeEach(() => {
  language.value = 'zh'
  taxonomy.value = { number: 1, causes: [], departments: [{ code: 'quality', name_zh: '品控部', name_en: 'Quality' }] }
})

const row = (id: string) => ({ id }) as Row

describe('the list grows page by page', () => {
  const answers = (...of: { rows: string[]; cursor: string }[]): [Ask, object[]] => {
    const asked: object[] = []
    const ask: Ask = async (query) => {
      asked.push(query)
      const { rows, cursor } = of[asked.length - 1]!
      return { rows: rows.map(row), cursor, cut: false, most: 5, day_minutes: 540, ...(asked.length === 1 ? { counts: { working: 3 } } : {}) }
    }
    return [ask, asked]
  }
  const all = async (ask: Ask) => {
    const seen = []
    for await (const { list, end } of pages({ state: 'working', order: 'cost', department: '' }, false, ask)) seen.push([list.rows.map((one) => one.id).join(''), end, list.counts.working])
    return seen
  }

  it('shows the first page at once and takes nothing twice', async () => {
    const [ask, asked] = answers({ rows: ['a', 'b'], cursor: '1/b' }, { rows: ['b', 'c'], cursor: '' })
    expect(await all(ask)).toEqual([['ab', false, 3], ['abc', true, 3]])
    expect(asked[1]).toMatchObject({ cursor: '1/b', state: 'working' })
  })

  it('ends where the service ranks no further', async () => {
    const [ask] = answers({ rows: ['a'], cursor: 'x' }, { rows: ['b', 'c', 'd', 'e'], cursor: 'y' })
    expect((await all(ask)).at(-1)).toEqual(['abcde', true, 3])
  })

  it('leaves the slices that are in the page as they are', () => {
    const rows = Array.from({ length: 2 * FIRST + 1 }, (_, n) => row(String(n)))
    expect(sliced(rows).map((slice) => slice.length)).toEqual([FIRST, FIRST, 1])
    expect(sliced(rows).flat()).toEqual(rows)
    expect(sliced([])).toEqual([])
  })
})

describe('times in words', () => {
  it.each([
    ['2026-11-18T10:40:00Z', '40 分钟后到期', false],
    ['2026-11-18T08:00:00Z', '超时 2 小时', true],
    ['2026-11-25T10:00:00Z', '7 天后到期', false],
  ])('%s', (due, text, late) => expect(clock(due, Date.parse('2026-11-18T10:00:00Z'))).toEqual({ text, late }))

  it.each([[0, '刚刚'], [40, '40 分钟'], [300, '5 小时'], [1079, '18 小时'], [1620, '3 个工作日']])('%d business minutes', (minutes, text) =>
    expect(span(minutes, 540)).toBe(text))
})

describe('small charts', () => {
  const series = {
    rates: [1, 2, null, 3, null, 9],
    limits: [[0, 4], [0, 4], null, [0, 4], null, [0, 4]] as ([number, number] | null)[],
    signals: [[], ['side'], [], [], [], ['outside', 'side']],
  }

  it('leave a gap where there is no figure and mark each signal once', () => {
    const drawn = draw(series)!
    expect(drawn.line.match(/M/g)).toHaveLength(3)
    expect(drawn.outside.match(/M/g)).toHaveLength(1)
    expect(drawn.run.match(/M/g)).toHaveLength(1)
    const [, x, y] = /^M([\d.]+) ([\d.]+)/.exec(drawn.outside)!
    expect(Number(x)).toBeGreaterThan(WIDTH - 8)
    expect(Number(y)).toBeLessThan(HEIGHT / 4)
  })

  it('have nothing to draw without a figure, and a line in the middle when nothing differs', () => {
    expect(draw({ rates: [null, null], limits: [null, null], signals: [] })).toBeUndefined()
    expect(draw({ rates: [2, 2], limits: [null, null], signals: [] })!.line).toContain(` ${HEIGHT / 2}L`)
  })

  it('say what they show', () => {
    const weeks = ['2026-W40', '2026-W41', '2026-W42', '2026-W43', '2026-W44', '2026-W45']
    expect(told(series, weeks)).toBe('每千件 9.00（W45），界限 0.00–4.00；W45 超出界限；W41 连续偏离')
    expect(told({ rates: [1, null], limits: [null, null], signals: [] }, weeks)).toBe('每千件 1.00（W40），界限尚未可知')
  })
})

describe('mentions', () => {
  const everybody: Colleague[] = [
    { name: 'agent', display: '小李', role: 'agent', departments: [] },
    { name: 'lead.quality', display: '陈敏', role: 'lead', departments: ['quality'] },
    { name: 'qa', display: '', role: 'agent', departments: [] },
  ]

  it.each([['请 @qu', 'qu'], ['@', ''], ['请@陈', '陈'], ['没有', undefined], ['@agent 请', undefined]])('%s', (text, typed) =>
    expect(typedName(text, text.length)).toBe(typed))

  it('finds by the beginning first, then by any part of name or display', () => {
    expect(fitting(everybody, 'q').map((one) => one.name)).toEqual(['qa', 'lead.quality'])
    expect(fitting(everybody, '陈').map((one) => one.name)).toEqual(['lead.quality'])
    expect(fitting(everybody, '')).toHaveLength(3)
  })

  it('puts the name where the caret is', () =>
    expect(taken('请 @le 看', 5, 'lead.quality')).toEqual({ text: '请 @lead.quality 看', caret: 16 }))
})

describe('what happened', () => {
  const event = (at: string, name: string, actor: string, data: Record<string, unknown> = {}) => ({ at: `2026-11-${at}T02:00:00Z`, name, actor, data })
  const contact = (id: string, at: string, channel = 'phone'): Contact => ({ id, time: `2026-11-${at}T01:00:00Z`, text: `话 ${id}`, channel, case: 'K-1' })
  const one = {
    tasks: [{ id: 'T-1', department: 'quality', what: '查包装' }],
    history: [
      event('01', 'CaseOpened', 'system', { contact: 'a' }),
      event('02', 'TaskAsked', 'lead', { department: 'quality', what: '查包装', task: 'T-1' }),
      event('03', 'ClockRanOut', 'system', { clock: 'T-1' }),
      event('04', 'CustomerCalled', 'agent', { reached: true, resolved: false }),
      event('04', 'CaseCameBack', 'agent', { contact: 'c' }),
    ],
  } as unknown as Case
  const callbacks = [{ state: 'reached', called: '2026-11-04T02:00:00+00:00', contact: 'c', satisfaction: 'dissatisfied' }]
  const view = { case: one, waited_for: [], callbacks, day_minutes: 540 } as unknown as View

  it('stands in one line of time, each contact once', () => {
    const entries = timeline(view, [contact('a', '01'), contact('b', '02'), contact('c', '04', 'callback')])
    expect(entries.map((entry) => [entry.title, entry.words, entry.lines.join('/')])).toEqual([
      ['又回来了', '', ''],
      ['回访', '话 c', '接通 · 没解决/不满意'],
      ['超时', '', '品控部 · 查包装'],
      ['派任务', '', '品控部/查包装'],
      ['联络', '话 b', ''],
      ['开单', '话 a', ''],
    ])
  })

  it('is news when somebody else did it', () => {
    const after = { ...one, history: [...one.history, event('05', 'Commented', 'me'), event('06', 'CaseAccepted', 'other')] }
    expect(newsOf(one, after, 'me').map((each) => each.name)).toEqual(['CaseAccepted'])
  })
})

describe('the answer of a call', () => {
  const typed = (more: Partial<Typed>): Typed => ({ reached: undefined, resolved: undefined, satisfaction: '', text: '', ...more })

  it.each([
    [{}, 'answerNeeded'],
    [{ reached: true }, 'solvedNeeded'],
    [{ reached: true, resolved: null }, undefined],
    [{ reached: false }, undefined],
  ] as const)('%o', (more, missing) => expect(missingOf(typed(more))).toBe(missing))

  it('says nothing for who was not reached, whatever was typed before', () => {
    expect(answerOf(typed({ reached: false, resolved: true, text: '写了又没接通' }), 2)).toEqual({ reached: false, tries: 2 })
    expect(answerOf(typed({ reached: true, resolved: null, text: '好' }), 0)).toEqual({ reached: true, resolved: null, satisfaction: null, text: '好', tries: 0 })
  })
})

describe('notices', () => {
  const notice = { key: 'k', about: 'case_opened', subject: 'cases', subjects: ['case:K-1', 'andon:A-1', 'case:K-2'], count: 3, at: '', read: false }

  it('lead to what has a page, the newest first', () =>
    expect(places(notice)).toEqual([
      { to: '/cases/K-2', text: 'K-2' },
      { to: '/cases/K-1', text: 'K-1' },
    ]))

  it('say what they are about, also something new', () => {
    expect(aboutWords('mentioned')).toBe('有人提到您')
    expect(aboutWords('something_else')).toBe('有新情况')
  })
})
