/** Which column is which field, while it is being put right. */

export interface Field {
  name: string
  needed: boolean
}

export interface Mapping {
  kind: string
  fields: Record<string, string>
  constants: Record<string, string>
}

export interface Look {
  sheets: string[]
  sheet: string | null
  columns: string[]
  /** The file's own columns; null for JSON. */
  own: string[] | null
  samples: Record<string, string>[]
  about: number | null
  /** Whether the file was counted to its end. */
  exact: boolean
  mapping: (Mapping & { unused: string[]; missing: string[] }) | null
  problem: { code: string; zh: string; en: string; where: string } | null
  /** What this person may import, with the fields of each. */
  kinds: Record<string, Field[]>
}

/** Of one field: nothing, a column of the file, or the same value in all rows. */
export interface Source {
  from: 'nothing' | 'column' | 'value'
  column: string
  value: string
}

export type Sources = Record<string, Source>

export function sourcesOf(fields: readonly Field[], guess: Mapping | null): Sources {
  return Object.fromEntries(
    fields.map(({ name }): [string, Source] => {
      const column = guess?.fields[name]
      const value = guess?.constants[name]
      if (value !== undefined) return [name, { from: 'value', column: '', value }]
      return [name, { from: column ? 'column' : 'nothing', column: column ?? '', value: '' }]
    }),
  )
}

export function mappingOf(kind: string, sources: Sources): Mapping {
  const all = Object.entries(sources)
  const columns = all.filter(([, one]) => one.from === 'column' && one.column)
  const values = all.filter(([, one]) => one.from === 'value' && one.value.trim())
  return {
    kind,
    fields: Object.fromEntries(columns.map(([name, one]) => [name, one.column])),
    constants: Object.fromEntries(values.map(([name, one]) => [name, one.value.trim()])),
  }
}

/** The first needed field without a column and a value. */
export function lacking(fields: readonly Field[], sources: Sources): string | undefined {
  const { fields: columns, constants } = mappingOf('', sources)
  return fields.find(({ name, needed }) => needed && !(name in columns) && !(name in constants))?.name
}

/** Columns no field is taken from. */
export function unused(columns: readonly string[], sources: Sources): string[] {
  const taken = new Set(Object.values(mappingOf('', sources).fields))
  return columns.filter((column) => !taken.has(column))
}

/** What stands in a column, each value once. */
export function examples(look: Look, column: string): string[] {
  return [...new Set(look.samples.map((row) => row[column] ?? '').filter(Boolean))]
}
