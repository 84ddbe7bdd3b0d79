import { type Instant, isoWithMicroseconds } from '../../src/units.ts'

export type SqlContext = {
  readonly from: Instant
  readonly to: Instant
  readonly intervalSeconds: number
  /** A value, or those of a variable that may have several. */
  readonly variables: Readonly<Record<string, string | readonly string[]>>
}

/**
 * A query as Grafana's PostgreSQL data source sends it: macros written out and variables filled in, several values each
 * in quotes. Throws for a macro or a variable that is not known. Source: Grafana 11, "PostgreSQL query editor", macros.
 */
export function filledSql(sql: string, { from, to, intervalSeconds, variables }: SqlContext): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`
  const grouped = (column: string, interval: string) => {
    const seconds = secondsIn(interval.replaceAll("'", ''))
    return `floor(extract(epoch from ${column})/${seconds})*${seconds}`
  }
  return sql
    .replaceAll('$__interval_ms', String(intervalSeconds * 1000))
    .replaceAll(/\$__interval\b/g, `${intervalSeconds}s`)
    .replaceAll(/\$__(\w+)\(([^()]*)\)/g, (macro, name: string, given: string) => {
      const [column = '', interval = ''] = given.split(',').map((argument) => argument.trim())
      switch (name) {
        case 'timeFrom':
          return quoted(isoWithMicroseconds(from))
        case 'timeTo':
          return quoted(isoWithMicroseconds(to))
        case 'timeFilter':
          return `${column} BETWEEN ${quoted(isoWithMicroseconds(from))} AND ${quoted(isoWithMicroseconds(to))}`
        case 'timeGroup':
          return grouped(column, interval)
        case 'timeGroupAlias':
          return `${grouped(column, interval)} AS "time"`
        default:
          throw new Error(`${macro} is no macro that is known here`)
      }
    })
    .replaceAll(/\$(\w+)/g, (written, name: string) => {
      const value = variables[name]
      if (value === undefined) throw new Error(`${written} is no variable of the dashboard`)
      return typeof value === 'string' ? value : value.map(quoted).join(',')
    })
}

function secondsIn(interval: string): number {
  const [, count = '', unit = ''] = /^(\d+)([smhd])$/.exec(interval) ?? []
  const seconds = Number(count) * ({ s: 1, m: 60, h: 3600, d: 86_400 }[unit] ?? Number.NaN)
  if (!(seconds > 0)) throw new Error(`${interval} is no interval`)
  return seconds
}
