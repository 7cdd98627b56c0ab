/** The taxonomy as files: the same columns as ./voc taxonomy save and load. */

import type { Cause, Department, Draft } from './draft'
import { cellOf, phrasesIn } from './phrases'

export const CAUSE_COLUMNS = [
  'code', 'group', 'label_zh', 'label_en', 'department', 'denominator', 'definition_zh', 'window_days', 'active', 'merged_into', 'split_into', 'lexicon',
] as const
export const DEPARTMENT_COLUMNS = ['code', 'name_zh', 'name_en'] as const

/** What is wrong with a file: which line, which column ("" for the whole). */
export interface Wrong {
  line: number
  column: string
}

export function causeRows(causes: Cause[]): (string | number)[][] {
  const cells = (c: Cause) => [
    ...[c.code, c.group, c.label_zh, c.label_en, c.department, c.denominator, c.definition_zh, c.window_days],
    ...[String(c.active), c.merged_into, c.split_into.join('|'), cellOf(c.words)],
  ]
  return [[...CAUSE_COLUMNS], ...causes.map(cells)]
}

export const departmentRows = (departments: Department[]): string[][] => [
  [...DEPARTMENT_COLUMNS],
  ...departments.map((d) => [d.code, d.name_zh, d.name_en]),
]

/** The cells of a CSV text: quotes, line breaks inside them, and the mark that Excel writes. */
export function parsed(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let quoted = false
  const end = () => void (row.push(cell), (cell = ''))
  for (let at = text.startsWith('\ufeff') ? 1 : 0; at < text.length; at++) {
    const sign = text[at]!
    if (quoted) {
      if (sign !== '"') cell += sign
      else if (text[at + 1] === '"') cell += text[at++]
      else quoted = false
    } else if (sign === '"' && !cell) quoted = true
    else if (sign === ',') end()
    else if (sign === '\n') (end(), rows.push(row), (row = []))
    else if (sign !== '\r') cell += sign
  }
  if (cell || row.length) (end(), rows.push(row))
  return rows.filter((one) => one.some((each) => each.trim()))
}

/** Causes or departments of a file, laid over the draft; whichever its first line names. */
export function read(text: string, draft: Draft): { draft: Draft } | { wrong: Wrong } {
  const [head = [], ...rows] = parsed(text)
  const names = head.map((name) => name.trim())
  if (!names.includes('code')) return { wrong: { line: 1, column: 'code' } }
  const records = rows.map((row) => Object.fromEntries(names.map((name, n) => [name, plain(row[n] ?? '')])))
  const needed = names.includes('name_zh') ? ['code', 'name_zh'] : ['code', 'label_zh', 'department']
  for (const [n, record] of records.entries()) {
    const missing = needed.find((name) => !record[name])
    if (missing) return { wrong: { line: n + 2, column: missing } }
  }
  if (needed.includes('name_zh')) return { draft: { ...draft, departments: records.map(department) } }
  return { draft: { ...draft, causes: records.map((record) => cause(record, draft)) } }
}

type Record_ = Record<string, string | undefined>

/** Without the sign that keeps a sheet from running the cell as a formula. */
const plain = (cell: string): string => cell.trim().replace(/^'(?=[=+\-@])/, '')
const parts = (cell: string | undefined): string[] => (cell ?? '').split('|').filter(Boolean)
const department = (record: Record_): Department => ({ code: record.code!, name_zh: record.name_zh!, name_en: record.name_en ?? '' })

/** What a column does not tell stays as it is known. */
function cause(record: Record_, draft: Draft): Cause {
  const known = draft.causes.find((one) => one.code === record.code)
  const words = record.lexicon ?? record.words
  return {
    code: record.code!,
    group: record.group ?? known?.group ?? '',
    label_zh: record.label_zh!,
    label_en: record.label_en ?? known?.label_en ?? '',
    department: record.department!,
    denominator: record.denominator || known?.denominator || 'contacts',
    definition_zh: record.definition_zh ?? known?.definition_zh ?? '',
    words: words === undefined ? (known?.words ?? []) : phrasesIn(words),
    window_days: Number(record.window_days || known?.window_days || 7),
    active: record.active === undefined ? (known?.active ?? true) : !/^(false|0|no|否)$/i.test(record.active),
    merged_into: record.merged_into ?? known?.merged_into ?? '',
    split_into: record.split_into === undefined ? (known?.split_into ?? []) : parts(record.split_into),
  }
}
