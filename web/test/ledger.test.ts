import { expect, test } from 'vitest'
import { accounts, apart, checkLines, closedWith, mayDecide, mayDispute, plain, table, type Dispute, type Ledger, type Line } from '../src/ledger/ledger'

const line = (account: string, fen: number, cause?: string): Line => ({ account, ...(cause ? { cause } : {}), contacts: 1, fen, late: 0, reversed: 0, reversals: 0, disputed: 0 })

const VIEW: Ledger = {
  month: '2026-10',
  state: 'open',
  closes: { at: '2026-11-09T01:00:00Z', lines: [] },
  months: [
    { month: '2026-11', state: 'open' },
    { month: '2026-10', state: 'open' },
    { month: '2026-09', state: 'open' },
    { month: '2026-08', state: 'closed' },
  ],
  lines: [line('@unallocated', 9_000), line('@suspense:logistics', 300), line('logistics', 500), line('quality', 1_205)],
  causes: [line('logistics', 200, 'b.small'), line('logistics', 300, 'a.large'), line('quality', 1_205, 'c.one')],
  total: { fen: 11_005 },
  counted: { zh: '', en: '' },
  check: { balanced: true, booked: 11_005, accounts: 11_005, causes: 11_005, cost_ever: 20_000, charged_ever: 20_000 },
  statement: null,
}

test('departments come by amount, then what is disputed, then what nobody bears', () => {
  expect(accounts(VIEW).map((one) => one.line.account)).toEqual(['quality', 'logistics', '@suspense:logistics', '@unallocated'])
  expect(accounts(VIEW)[1]!.causes.map((one) => one.cause)).toEqual(['a.large', 'b.small'])
  expect([apart(VIEW, 'suspense'), apart(VIEW, 'unallocated')]).toEqual([300, 9_000])
})

test('a month closes with the open ones before it', () => expect(closedWith(VIEW)).toEqual(['2026-09']))

test('amounts are yuan to the fen, in the file too', () => {
  expect([plain(5), plain(-1_230), plain(0), plain(123_450)]).toEqual(['0.05', '-12.30', '0.00', '1234.50'])
  const rows = table(VIEW)
  expect(rows.at(-1)).toEqual(['2026-10', '合计', '', '', '110.05', '', '', ''])
  expect(rows[1]!.slice(3, 5)).toEqual([1, '12.05'])
  expect(rows.length).toBe(1 + 4 + 3 + 1)
})

test('only an executive reads the sums of the whole', () => {
  expect(checkLines(VIEW.check)).toHaveLength(2)
  expect(checkLines(VIEW.check)[1]).toContain('¥200.00')
  expect(checkLines({ balanced: true })).toEqual([])
})

const lead = { role: 'lead' as const, departments: ['logistics'] }

test.each([
  [line('logistics', 300, 'a'), lead, true],
  [line('quality', 300, 'a'), lead, false],
  [line('logistics', 300), lead, false],
  [line('logistics', -300, 'a'), lead, false],
  [line('@suspense:logistics', 300, 'a'), lead, false],
  [line('logistics', 300, 'a'), { role: 'executive' as const, departments: [] }, false],
])('%# who may dispute', (one, who, may) => expect(mayDispute(one, who)).toBe(may))

const dispute = (more: Partial<Dispute>) => ({ state: 'open', department: 'quality', to: 'logistics', escalated: false, ...more }) as Dispute

test.each([
  [dispute({}), lead, 'take'],
  [dispute({ escalated: true }), lead, undefined],
  [dispute({ to: 'it' }), lead, undefined],
  [dispute({ department: 'logistics' }), lead, undefined],
  [dispute({}), { role: 'executive' as const, departments: [] }, 'decide'],
  [dispute({ state: 'upheld' }), { role: 'admin' as const, departments: [] }, undefined],
])('%# who may decide', (one, who, how) => expect(mayDecide(one, who)).toBe(how))
