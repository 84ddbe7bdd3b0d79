import type { Workload } from '../../energy/workload.ts'

/** A row as the driver gives it: its columns in the order of the statement, of types that only the statement knows. */
export type Row = readonly unknown[]

export function textAt(row: Row, column: number): string {
  const value = row[column]
  if (typeof value !== 'string') throw new TypeError(`column ${column} is no text`)
  return value
}

export function optionalTextAt(row: Row, column: number): string | undefined {
  return isNullAt(row, column) ? undefined : textAt(row, column)
}

export function numberAt(row: Row, column: number): number {
  const value = row[column]
  if (typeof value !== 'number') throw new TypeError(`column ${column} is no number`)
  return value
}

/** The namespace, the pod and the container in three columns; undefined when one of them is null. */
export function workloadAt(row: Row, column: number): Workload | undefined {
  const namespace = optionalTextAt(row, column)
  const pod = optionalTextAt(row, column + 1)
  const container = optionalTextAt(row, column + 2)
  if (namespace === undefined || pod === undefined || container === undefined) return undefined
  return { namespace, pod, container }
}

export function isNullAt(row: Row, column: number): boolean {
  return row[column] === null || row[column] === undefined
}

/**
 * SQL for a time as milliseconds since 1970 in double precision: exact, and infinite where the time is.
 * The driver's own dates end in the year 275760 and know no infinity.
 */
export function milliseconds(column: string): string {
  return `(extract(epoch from ${column}) * 1000)::float8`
}
