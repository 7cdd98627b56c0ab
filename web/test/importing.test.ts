import { beforeEach, expect, test, vi } from 'vitest'
import { nextTick } from 'vue'
import { MOST_ROWS, piecesOf, type FileRow } from '../src/importing/cutting'
import { choose, clear, job, listOfRefused, refused, resume, start, stop } from '../src/importing/job'
import { session, signOut } from '../src/session'
import { examples, lacking, mappingOf, sourcesOf, unused, type Look } from '../src/importing/mapping'

const FIELDS = [
  { name: 'text', needed: true },
  { name: 'channel', needed: false },
  { name: 'order', needed: false },
]
const row = (line: number, length = 10): FileRow => ({ line, cells: 'x'.repeat(length), ordinal: 0 })
const MAPPING = { kind: 'contacts', fields: { text: '内容' }, constants: { channel: 'web' } }

test('the guess is put right', () => {
  const sources = sourcesOf(FIELDS, MAPPING)
  expect(mappingOf('contacts', sources)).toEqual(MAPPING)
  expect(lacking(FIELDS, sources)).toBeUndefined()
  expect(unused(['内容', '备注'], sources)).toEqual(['备注'])
  sources.text = { from: 'value', column: '内容', value: '  ' }
  expect(lacking(FIELDS, sources)).toBe('text')
  sources.order = { from: 'column', column: '备注', value: '' }
  expect(mappingOf('contacts', sources)).toEqual({ kind: 'contacts', fields: { order: '备注' }, constants: { channel: 'web' } })
})

test('examples are what stands there, once', () => {
  const look = { samples: [{ a: '电话' }, { a: '' }, { a: '电话' }, { a: '微信' }, {}] } as unknown as Look
  expect(examples(look, 'a')).toEqual(['电话', '微信'])
})

test('pieces hold every row once, not too many and not too much', () => {
  const rows = Array.from({ length: 2 * MOST_ROWS + 1 }, (_, n) => row(n))
  expect([...piecesOf(rows)].map((piece) => piece.length)).toEqual([MOST_ROWS, MOST_ROWS, 1])
  expect([...piecesOf(rows, MOST_ROWS)].flat()).toEqual(rows.slice(MOST_ROWS))
  expect([...piecesOf([row(1, 800_000), row(2, 200_000), row(3, 5_000_000), row(4)])].map((piece) => piece.map((one) => one.line))).toEqual([[1], [2], [3], [4]])
  expect([...piecesOf([])]).toEqual([])
})

/** A service of which each piece is answered when the test says so. */
let answers: (() => void)[] = []
let sent: number[][] = []
const ROWS = Array.from({ length: 3 * MOST_ROWS }, (_, n) => row(n + 2))

beforeEach(() => {
  clear()
  answers = []
  sent = []
  vi.stubGlobal('fetch', (path: string, init: { body: string }) => {
    const body = JSON.parse(init.body) as { rows: FileRow[] }
    if (path.endsWith('/look')) return said({ columns: ['内容'], own: ['内容'], samples: [], sheets: [], sheet: null, kinds: {}, mapping: null, problem: null, about: 1 })
    if (path.endsWith('/rows')) return said({ head: 'HEAD\r\n', rows: ROWS, refused: [{ line: 999, code: 'x', zh: '', en: '', where: '', csv: 'LAST\r\n' }], next: null })
    sent.push(body.rows.map((one) => one.line))
    const first = body.rows[0]!.line
    const refusal = { line: first, code: 'x', zh: '', en: '', where: '', csv: `ROW ${first}\r\n` }
    return new Promise((resolve) => answers.push(() => resolve(reply({ taken: body.rows.length - 1, known: 0, refused: [refusal] }))))
  })
})

const reply = (body: unknown) => new Response(JSON.stringify(body))
const said = (body: unknown) => Promise.resolve(reply(body))
const settle = () => new Promise((resolve) => setTimeout(resolve, 5))

async function answer(): Promise<void> {
  await vi.waitUntil(() => answers.length > 0, { timeout: 30_000 })
  answers.shift()!()
  await settle()
}

test('stopped while a piece is under way and gone on with at once: every row is sent once', async () => {
  await choose(new File(['内容\nx'], 'a-refused-2.csv'))
  const whole = start(MAPPING)
  await answer()
  await vi.waitUntil(() => answers.length > 0, { timeout: 30_000 })
  stop()
  const more = resume()
  await settle()
  expect(sent.length).toBe(2)
  await answer()
  await answer()
  await Promise.all([whole, more])
  expect(sent.flat()).toEqual(ROWS.map((one) => one.line))
  expect([job.phase, job.taken, refused.length]).toEqual(['done', ROWS.length - 3, 4])
  const { file, name } = listOfRefused()
  const list = new TextDecoder().decode(await file.arrayBuffer())
  expect([list, name]).toEqual([`HEAD\r\nROW 2\r\nROW ${MOST_ROWS + 2}\r\nROW ${2 * MOST_ROWS + 2}\r\nLAST\r\n`, 'a-refused.csv'])
})

test('what comes for a file that was left counts for no other', async () => {
  await choose(new File(['内容\nx'], 'a.csv'))
  void start(MAPPING)
  await vi.waitUntil(() => answers.length > 0, { timeout: 30_000 })
  stop()
  clear()
  await choose(new File(['内容\ny'], 'b.csv'))
  await answer()
  expect([job.name, job.phase, job.taken, refused.length]).toEqual(['b.csv', 'mapping', 0, 0])
})

test('nothing of a file is left to the next one who signs in', async () => {
  session.value = { token: 't', expires: '', name: 'anna', role: 'agent', departments: [] }
  await nextTick()
  await choose(new File(['内容\nx'], 'a.csv'))
  expect(job.phase).toBe('mapping')
  signOut()
  await nextTick()
  expect([job.phase, job.name, job.look]).toEqual(['choose', '', undefined])
})
