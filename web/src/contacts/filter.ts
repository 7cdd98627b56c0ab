/** Which contacts a link means: the parts of its address, and the same in words. */

import { count } from '../figures'
import { causeLabel, departmentName } from '../taxonomy'
import { t } from './words'

export const PARTS = ['cause', 'department', 'channel', 'segment', 'contact_kind'] as const
export type Part = (typeof PARTS)[number]
export type Filter = Partial<Record<Part | 'first' | 'last', string>>

/** What of an address the list understands; a part given twice counts once. */
export function filterOf(query: Record<string, unknown>): Filter {
  const given = (['first', 'last', ...PARTS] as const).map((name) => {
    const value = query[name]
    return [name, Array.isArray(value) ? value.at(-1) : value] as const
  })
  return Object.fromEntries(given.filter(([, value]) => typeof value === 'string' && value)) as Filter
}

export function without(filter: Filter, part: Part): Filter {
  const { [part]: _gone, ...rest } = filter
  return rest
}

export interface Behind {
  /** Whether every page was read, and how many contacts they had. */
  all: boolean
  rows: number
  /** Whether the last of the weeks is not over. */
  running: boolean
  lead: boolean
}

/** How many contacts the number counted, and why the list may have others. */
export function behindSaid(filter: Filter, counted: number | null | undefined, { all, rows, running, lead }: Behind): string[] {
  const known = counted !== null && counted !== undefined
  const fewer = known && all && rows !== counted
  return [
    ...(known ? [t(fewer ? 'countedOther' : 'countedSame', { n: count(counted), rows: count(rows) })] : []),
    ...(known && lead && !filter.department && !filter.cause ? [t('othersUnseen')] : fewer && !lead ? [t('changedSince')] : []),
    ...(filter.cause || filter.department ? [t('splitHint')] : []),
    ...(running ? [t('runningHint')] : []),
  ]
}

export function partName(part: Part): string {
  return t(({ cause: 'cause', department: 'department', channel: 'channel', segment: 'segment', contact_kind: 'kind' } as const)[part])
}

/** 东西送得太慢 of delivery.late; a code nobody knows is shown as it is. */
export function valueName(part: Part, value: string): string {
  if (part === 'cause') return causeLabel(value)
  if (part === 'department') return departmentName(value)
  if (part === 'segment') return segmentName(value)
  return named(part === 'channel' ? 'channel' : 'kind', value)
}

export function segmentName(value: string): string {
  return value === 'unknown' ? t('segmentUnknown') : value
}

/** The words of a code such as phone or complaint. */
export function named(what: 'channel' | 'kind' | 'severity', value: string | number): string {
  const key = `${what}_${value}`
  return t.has(key) ? t(key) : String(value)
}
