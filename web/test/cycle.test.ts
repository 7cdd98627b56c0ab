import { expect, test } from 'vitest'
import { aboutOf, choices, columns, decisionsOn, figure, finding, linkOf, mayDecide, resultOf, seenOn, snoozeWeeks, standing, undecided, type Cycle, type Decision, type Item } from '../src/cycle/cycle'

test('a cycle that was closed early does not speak of a week that is over', () => {
  const closed = (at: string) => ({ ...cycle([], [], 'closed'), closed: at, closed_by: 'exec' })
  expect(standing(closed('2026-11-22T15:59:59Z'), () => '周日')).toBe('exec 在这一周过完之前关闭，周日')
  expect(standing(closed('2026-11-22T16:00:00Z'), () => '周一')).toBe('exec 关闭于 周一')
  expect(finding({ ...cycle([], [made('a.b')]), prepared: null })).toBe('这一周还没开始；已作 1 项决定。')
})

test('a row is decided on by its own id, by what it is about, or by what that made', () => {
  const now = cycle([item('focus', 'a.b'), item('alarms', 'a.b')], [made('focus/a.b')])
  expect(undecided(now).map((one) => one.part)).toEqual(['alarms'])
})

const item = (part: string, code: string, numbers: Item['numbers'] = {}): Item => ({ part, code, label: code, department: 'logistics', numbers, since: '' })
const made = (about: string, more: Partial<Decision> = {}): Decision => ({ id: about, what: 'other', about, reason: '', by: 'exec', at: '', department: '', result: 'noted', made: '', until: '', ...more })
const cycle = (agenda: Item[], decisions: Decision[] = [], state: Cycle['state'] = 'open') => ({ week: '2026-W47', state, agenda, decisions, names: {} }) as unknown as Cycle

test('a decision about a cause is about all its rows; about overdue cases it is not about overdue tasks', () => {
  const rows = [item('focus', 'a.b'), item('alarms', 'a.b'), item('cases', 'logistics'), item('tasks', 'logistics'), item('projects', 'P-1')]
  const now = cycle(rows, [made('a.b', { made: 'P-1' }), made('cases/logistics')])
  expect(undecided(now).map((one) => one.part)).toEqual(['tasks'])
  expect(decisionsOn(now, rows[4]!)).toHaveLength(1)
  expect(seenOn(now, 'alarms/a.b')).toBe(1)
})

test('what may be decided follows from the row', () => {
  const project = item('projects', 'P-1', { state: 'proposed' })
  expect(choices(cycle([]), item('alarms', 'a.b'))).toEqual(['start_project', 'rebase', 'snooze', 'other'])
  expect(choices(cycle([]), project)[0]).toBe('accept_proposal')
  expect(choices(cycle([], [made('P-1', { result: 'project_accepted' })]), project)[0]).toBe('start_project')
  expect(choices(cycle([]), item('gaps', 'phone'))).toEqual(['snooze', 'other'])
})

test('a snooze puts off the row, anything else names the thing', () => {
  expect(aboutOf(item('focus', 'a.b'), 'snooze')).toBe('focus/a.b')
  expect(aboutOf(item('alarms', 'a.b'), 'rebase')).toBe('a.b')
  expect(aboutOf(item('tasks', 'logistics'), 'other')).toBe('tasks/logistics')
})

test.each([
  ['lead', ['logistics'], 'open', true],
  ['lead', ['quality'], 'open', false],
  ['executive', [], 'open', true],
  ['executive', [], 'closed', false],
  ['agent', ['logistics'], 'open', false],
] as const)('%s of %s in an %s cycle', (role, departments, state, may) =>
  expect(mayDecide(cycle([], [], state), item('focus', 'a.b'), { role, departments: [...departments] })).toBe(may),
)

test('figures: money to the fen, shares, what is not known', () => {
  const one = item('focus', 'a.b', { cost: 244_818, reach: 0.5, irritation: 0.724846, contacts: 1_487, ratio: null, overdue: 1_000, at_least: 1, word: 'MOVED' })
  expect(['cost', 'reach', 'irritation', 'contacts', 'ratio', 'overdue', 'word'].map((name) => figure(one, name))).toEqual(['¥2,448.18', '50%', '0.72', '1,487', '—', '至少 1,000', '挪到了别处'])
  expect(columns([one])).not.toContain('at_least')
})

test('contacts behind a row are those it was counted from', () => {
  expect(linkOf(item('focus', 'a.b'), '2026-W47')).toBe('/contacts?cause=a.b&first=2026-W43&last=2026-W46')
  expect(linkOf(item('alarms', 'a.b', { week: '2026-W46' }), '2026-W47')).toBe('/contacts?cause=a.b&first=2026-W44&last=2026-W46')
})

test('what a decision did, and until when', () => {
  expect(resultOf(made('a.b', { result: 'project_proposed', made: 'P-7' }))).toBe('已提出项目，待部门接受 P-7')
  expect(resultOf(made('a.b', { result: 'snoozed', until: '2026-W51' }))).toBe('已暂缓 到 2026-W51')
  expect(snoozeWeeks('2026-W52')[0]).toBe('2026-W53')
})
