import { describe, expect, it } from 'vitest'
import { anythingWrong, calendarOf, hoursWrong, limitWrong, runs, settingsOf, withDay } from '../src/admin/calendar'
import { byWeek, whole, type Denominator } from '../src/admin/counts'
import { queueName, whyQueued } from '../src/admin/queues'
import { listed, reason } from '../src/admin/keeping'
import { rowsOf, settingsOf as settingsOf2, wrong as wrongRate } from '../src/admin/rates'
import { sent as sentRobot, wrongField as wrongRobot, type RobotDraft } from '../src/admin/robots'
import { changes, draftOf, limits, rebased, wrong as wrongRule, type Rules } from '../src/admin/rules'
import type { Settings } from '../src/admin/settings'
import { generated, leftAlone, sent, wrongField, type User, type UserDraft } from '../src/admin/users'

const settings = {
  version: 1,
  hours: '09:00-18:00',
  holidays: [],
  workdays: [],
  clocks: Object.fromEntries(['danger', 'urgent', 'ordinary', 'complex'].map((name) => [name, { accept: '2h', resolve: '1d' }])),
  ...{ task: '3d', andon: '2h', callback: '2d', dispute: '10d' },
} as unknown as Settings

describe('the calendar', () => {
  it.each([
    ['09:00', '18:00', false],
    ['09:00', '24:00', false],
    ['9:30', '18:00', false],
    ['18:00', '09:00', true],
    ['09:00', '09:00', true],
    ['09:00', '24:30', true],
    ['九点', '18:00', true],
    ['', '', true],
  ])('hours %s to %s', (opens, closes, wrong) => expect(hoursWrong({ opens, closes })).toBe(wrong))

  it.each([['2h', false], ['7D', false], [' 24c ', false], ['0d', true], ['2', true], ['h', true], ['12345h', true]])('limit %s', (limit, wrong) =>
    expect(limitWrong(limit)).toBe(wrong),
  )

  it('comes back as the settings it was made from', () => {
    const { version: _, ...rest } = settings
    expect(settingsOf(calendarOf(settings))).toEqual(rest)
    expect(anythingWrong(calendarOf(settings))).toBe(false)
  })

  it('keeps days in order, each once', () => {
    expect(withDay(['2026-05-02'], '2026-05-01')).toEqual(['2026-05-01', '2026-05-02'])
    expect(withDay(['2026-05-01'], '2026-05-01')).toEqual(['2026-05-01'])
  })

  it('tells days in a row as one', () => {
    const named = (day: string, zh: string) => ({ day, zh, en: zh })
    const found = runs([named('2026-09-30', 'a'), named('2026-10-01', 'a'), named('2026-10-02', 'b'), named('2026-10-04', 'b')])
    expect(found.map((run) => [run.first, run.last])).toEqual([['2026-09-30', '2026-10-01'], ['2026-10-02', '2026-10-02'], ['2026-10-04', '2026-10-04']])
  })
})

describe('denominators', () => {
  const row = (week: string, period: string, value: number, segment = 'all') => ({ week, period, value, segment }) as Denominator

  it('add up to their week; what nobody gave is unknown, never 0', () => {
    const rows = [row('2026-W46', '2026-11-09', 5), row('2026-W46', '2026-11-10', 7), row('2026-W45', '2026-W45', 0), row('2026-W44', '2026-W44', 9, 'vip')]
    const found = byWeek(rows, ['2026-W46', '2026-W45', '2026-W44'])
    expect(found.map(({ value, days }) => [value, days])).toEqual([[12, 2], [0, 0], [undefined, 0]])
  })

  it.each([['1,200', 1200], ['1，200', 1200], ['0', 0], ['-1', undefined], ['1.5', undefined], ['', undefined]])('%s is %s', (text, n) => expect(whole(text)).toBe(n))
})

describe('users', () => {
  const draft = (given: Partial<UserDraft> = {}): UserDraft => ({ name: 'li.na', display: '', role: 'agent', departments: [], password: 'long enough', ...given })

  it('gets a password of letters nobody mixes up, another one each time', () => {
    expect(generated()).toMatch(/^([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}$/)
    expect(generated()).not.toBe(generated())
  })

  it.each([
    [draft(), true, undefined],
    [draft({ name: '李娜' }), true, 'name'],
    [draft({ role: 'lead' }), true, 'departments'],
    [draft({ role: 'lead', departments: ['it'] }), true, undefined],
    [draft({ password: 'short' }), true, 'password'],
    [draft({ password: '' }), false, undefined],
  ])('%o is checked', (given, fresh, field) => expect(wrongField(given, fresh)).toBe(field))

  it('is sent with a password only when new, and keeps no departments it has no use for', () => {
    expect(sent(draft({ departments: ['it'] }), 3)).toEqual({ display: '', role: 'agent', departments: [], version: 3 })
    expect(sent(draft(), 0)).toMatchObject({ password: 'long enough', version: 0 })
  })

  it('leaves departments alone only as their last active lead', () => {
    const lead = (name: string, departments: string[], disabled = false) => ({ name, role: 'lead', departments, disabled }) as User
    const one = lead('one', ['it', 'legal'])
    expect(leftAlone(one, [one, lead('two', ['it']), lead('three', ['legal'], true)])).toEqual(['legal'])
    expect(leftAlone({ ...one, role: 'agent' }, [one])).toEqual([])
  })
})

describe('what is kept and goes', () => {
  it.each([
    ['OperationalError[SQLITE_FULL] at save:10', '存储写不进去'],
    ['Conflict[store.conflict] at save:3', '抢先'],
    ['Invalid[cause.unknown] at check:9', '原因代码'],
    ['Invalid[vault.broken] at open:4', '密钥'],
    ['KeyError at route:77', '报给维护的人'],
  ])('%s is told in words', (error, words) => expect(reason(error)).toContain(words))

  it('lists the most first and leaves out what nobody knows', () => {
    expect(listed({ case: 2, contact: 1200, keycheck: 5, user: 0 })).toBe('联络 1,200、工单 2')
  })
})

describe('costs by channel', () => {
  const costs = { rates: { phone: { per_hour: 6000, fixed: 150, usual_seconds: 240 } }, default_rate: { per_hour: 4550, fixed: 0, usual_seconds: 300 } }

  it('come back in fen as they went', () => {
    const rows = rowsOf({ ...settings, ...costs })
    expect(rows[0]).toMatchObject({ channel: '', perHour: '45.5', fixed: '0' })
    expect(settingsOf2(rows)).toEqual(costs)
  })

  it.each([['12.345'], ['-1'], ['abc'], ['']])('%j is no amount', (text) => {
    const rows = rowsOf({ ...settings, ...costs })
    rows[1]!.fixed = text
    expect(wrongRate(rows[1]!, 'fixed')).toBe(true)
    expect(settingsOf2(rows)).toBeUndefined()
    rows[1]!.own = false
    expect(settingsOf2(rows)).toEqual({ ...costs, rates: {} })
  })
})

describe('robots', () => {
  const robot = (given: Partial<RobotDraft> = {}): RobotDraft => ({ name: '物流群', platform: 'wecom', receivers: ['role:admin'], address: 'https://a.example/x?key=y', secret: '', ...given })

  it.each([
    [robot(), true, undefined],
    [robot({ name: ' ' }), true, 'name'],
    [robot({ address: '' }), true, 'address'],
    [robot({ address: '' }), false, undefined],
    [robot({ address: 'http://a.example/x' }), false, 'address'],
    [robot({ address: 'http://127.0.0.1:9/x' }), true, undefined],
    [robot({ receivers: [] }), true, 'receivers'],
  ])('%o is checked', (draft, fresh, field) => expect(wrongRobot(draft, fresh)).toBe(field))

  it('keep their platform once they are there', () => {
    expect(sentRobot(robot(), undefined)).toMatchObject({ platform: 'wecom' })
    expect(sentRobot(robot(), 3)).not.toHaveProperty('platform')
  })
})

it('a message that a queue gave up says why in words, and that it can be sent again', () => {
  const letter = { id: 'm', sent: '2026-11-18T02:00:00Z', tries: 5, error: 'text', where: 'text' }
  expect(whyQueued('intake', letter)).toContain('text')
  expect(whyQueued('intake', { ...letter, error: '', where: '' })).toContain('可以再发')
  expect(whyQueued('drop', { ...letter, error: 'file', where: 'crm' })).toContain('crm')
  expect(whyQueued('stream', { ...letter, error: 'RetryAttemptsExhausted', where: '3' })).toContain('3')
  expect(queueName('elsewhere')).toBe('elsewhere')
})

describe('rules', () => {
  const rules: Rules = {
    ...{ originals: ['lead', 'admin'], review_daily: 20, blind_daily: 10, callback_attempts: 3, ledger_days: 5, max_tries: 8 },
    ...{ learn_nightly: true, models_kept: 10, models_days: 30, missing_share: 0.02, missing_least: 3 },
  }
  const share = { default: 0.02, low: 0, high: 1 }

  it('are sent only where they differ, a share as the fraction it was typed as in percent', () => {
    const draft = draftOf(rules)
    expect(changes(draft, rules)).toEqual({})
    expect(draft.missing_share).toBe('2')
    expect(changes({ ...draft, missing_share: '2.5', max_tries: ' 9 ', originals: ['admin', 'lead'] }, rules)).toEqual({ missing_share: 0.025, max_tries: 9 })
    expect(changes({ ...draft, originals: ['admin'], learn_nightly: false }, rules)).toEqual({ originals: ['admin'], learn_nightly: false })
  })

  it.each([['0', false], ['100', false], ['100.5', true], ['2.5', false], ['-1', true], ['', true], ['二', true]])('a share of %s %%', (text, bad) =>
    expect(wrongRule('missing_share', text, share)).toBe(bad),
  )

  it.each([['1', false], ['50', false], ['51', true], ['0', true], ['1.5', true]])('tries %s', (text, bad) =>
    expect(wrongRule('max_tries', text, { default: 8, low: 1, high: 50 })).toBe(bad),
  )

  it('keep what was typed and what somebody else has changed meanwhile', () => {
    const typed = { ...draftOf(rules), max_tries: '9' }
    const found = rebased(typed, rules, { ...rules, review_daily: 5, max_tries: 4 })
    expect([found.max_tries, found.review_daily]).toEqual(['9', '5'])
  })

  it('tell their limits as they are typed', () => {
    expect(limits('missing_share', share)).toEqual({ low: '0', high: '100', usual: '2' })
    expect(limits('missing_least', { default: 3, low: 1, high: null })).toEqual({ low: '1', high: '', usual: '3' })
  })
})
