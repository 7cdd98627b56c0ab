import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import ChangedCause from '../src/admin/taxonomy/ChangedCause.vue'
import { changes, newCause, rebased, wrongField, type Cause, type Draft } from '../src/admin/taxonomy/draft'
import { causeRows, departmentRows, parsed, read } from '../src/admin/taxonomy/file'
import { cellOf, phrasesIn } from '../src/admin/taxonomy/phrases'
import { csv } from '../src/saving'

const departments = [{ code: 'service', name_zh: '客服部', name_en: 'Service' }]
const empty: Draft = { departments, causes: [] }
const cause = (code: string, more: Partial<Cause> = {}): Cause => ({ ...newCause(empty), code, label_zh: code, ...more })
const draft = (...causes: Cause[]): Draft => ({ departments, causes })

describe('two admins at once', () => {
  const base = draft(cause('a'), cause('b'), cause('c'))

  it('both keep what only one of them changed', () => {
    const mine = draft(cause('a', { label_zh: '我的' }), cause('b'), cause('c'), cause('new'))
    const theirs = draft(cause('a'), cause('b', { label_zh: '他的' }), cause('c'), cause('theirs'))
    const { draft: found, clashes } = rebased(base, mine, theirs)
    expect(found.causes.map((one) => one.label_zh)).toEqual(['我的', '他的', 'c', 'theirs', 'new'])
    expect(clashes).toEqual([])
  })

  it('are told where both changed the same, mine stands', () => {
    const mine = draft(cause('a', { label_zh: '我的' }), cause('b', { active: false }), cause('c'))
    const theirs = draft(cause('a', { label_zh: '他的' }), cause('b', { active: false }), cause('c'))
    const { draft: found, clashes } = rebased(base, mine, theirs)
    expect(found.causes[0]!.label_zh).toBe('我的')
    expect(clashes).toEqual(['a'])
  })

  it('lose nothing when nothing was typed', () => {
    const theirs = draft(cause('a', { label_zh: '他的' }), cause('c'))
    expect(rebased(base, base, theirs)).toEqual({ draft: theirs, clashes: [] })
  })
})

describe('a draft', () => {
  it('knows what differs', () => {
    const after = { departments: [...departments, { code: 'it', name_zh: '技术部', name_en: '' }], causes: [cause('a', { words: ['慢'] })] }
    expect(changes(draft(cause('a')), after)).toEqual({ causes: ['a'], departments: ['it'] })
    expect(changes(after, after)).toEqual({ causes: [], departments: [] })
  })

  it.each([
    [cause('delivery.late'), undefined],
    [cause('Delivery'), 'code'],
    [cause('other'), 'code'],
    [cause('taken'), 'code'],
    [cause('a', { label_zh: ' ' }), 'label_zh'],
    [cause('a', { window_days: 0 }), 'window_days'],
    [cause('a', { window_days: 2.5 }), 'window_days'],
  ])('%o is checked', (one, field) => expect(wrongField(one, ['taken'])).toBe(field))
})

describe('phrases in one cell', () => {
  it.each([
    ['太慢|很慢', ['太慢', '很慢']],
    ['慢、晚,迟，拖', ['慢', '晚', '迟', '拖']],
    ['送 慢|晚；没到, 还没到', ['送 慢|晚', '没到, 还没到']],
    ['（很|太）慢|((又|还)很|太)贵|差', ['（很|太）慢', '((又|还)很|太)贵', '差']],
    [' 慢 | |慢', ['慢']],
  ])('%j is torn between them and not within', (cell, phrases) => expect(phrasesIn(cell)).toEqual(phrases))

  it.each([[['太慢', '很慢']], [['送 慢|晚', '贵']], [['(很|太)慢', '没到，也不说']], [[]]])('%j comes back', (phrases) =>
    expect(phrasesIn(cellOf(phrases))).toEqual(phrases),
  )
})

describe('files', () => {
  const odd = [
    cause('a', { label_zh: '东西，"很慢"', definition_zh: '第一行\n第二行', words: ['=慢', '一直|没到'], window_days: 14 }),
    cause('b', { active: false, merged_into: 'a' }),
    cause('c', { active: false, split_into: ['a', 'd'] }),
    cause('d', { label_en: '=SUM(A1)' }),
  ]

  it('come back as they left', async () => {
    const text = await csv(causeRows(odd)).text()
    expect(read(text, { departments, causes: [] })).toEqual({ draft: { departments, causes: odd } })
    const named = await csv(departmentRows(departments)).text()
    expect(read(named, draft(...odd))).toEqual({ draft: { departments, causes: odd } })
  })

  it('keep what a column does not tell', () => {
    const found = read('code,label_zh,department\na,新名,service\n', draft(cause('a', { words: ['慢'], definition_zh: '定义' })))
    expect(found).toMatchObject({ draft: { causes: [{ label_zh: '新名', words: ['慢'], definition_zh: '定义' }] } })
  })

  it.each([
    ['原因,部门\n慢,物流\n', 1, 'code'],
    ['code,label_zh,department\na,慢,service\nb,,service\n', 3, 'label_zh'],
    ['code,name_zh\nit,\n', 2, 'name_zh'],
    ['', 1, 'code'],
  ])('%j is refused by line and column', (text, line, column) => expect(read(text, empty)).toEqual({ wrong: { line, column } }))

  it('read quotes, breaks and the mark of Excel', () => {
    expect(parsed('\ufeffa,"b ""x"", y"\r\n"c\nd",\r\n\r\n')).toEqual([['a', 'b "x", y'], ['c\nd', '']])
  })
})

describe('what is shown of a changed cause', () => {
  const changed = { cause: 'delivery.late', what: ['department', 'words'], cuts: true, contacts: 919, from: { department: 'logistics', words: ['蜗牛'] }, to: { department: 'quality', words: [] } }
  const owners = { from: 'logistics', to: 'quality', cases: { logistics: 27, supply: 1 }, capped: false, projects: [{ id: 'P-1', title: '换承运商', department: 'logistics', state: 'live' }], month: '2026-11' }
  const names: Record<string, string> = { logistics: '物流部', quality: '品控部', supply: '供应链部' }
  const shown = (props: object) => mount(ChangedCause, { props: { changed, owners, label: '慢', department: (code: string) => names[code] ?? code, ...props } }).text()

  it('is from what to what, and what the new owner does not take over', () => {
    const text = shown({})
    expect(text).toContain('责任部门：物流部 → 品控部')
    expect(text).toContain('去掉说法：蜗牛')
    expect(text).not.toContain('加上说法')
    expect(text).toContain('不移交：物流部 27 张、供应链部 1 张')
    expect(text).toContain('以后收进的联络记品控部，从 2026-11')
    expect(text).toContain('P-1 换承运商 (物流部)')
  })

  it('does not call what is counted in part the whole', () => {
    expect(shown({ owners: { ...owners, capped: true } })).toContain('至少 物流部 27 张')
    expect(shown({ owners: { ...owners, cases: {} } })).toContain('没有未办结的工单')
    expect(shown({ owners: undefined })).not.toContain('工单')
  })
})
