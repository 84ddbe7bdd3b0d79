import type { SQLOutputValue } from 'node:sqlite'
import { StoreError } from '../../energy/measurement-store.ts'

export type Row = Readonly<Record<string, SQLOutputValue>>

/** The columns of a row in the order of the statement. */
export type Columns = readonly SQLOutputValue[]

/** Reads a column. Throws StoreError when it holds another kind of value: somebody else has written to the file. */
export function numberIn(row: Row, column: string): number {
  const value = row[column]
  if (typeof value !== 'number') throw unexpected(row, column)
  return value
}

export function numberAt(columns: Columns, at: number): number {
  const value = columns[at]
  if (typeof value !== 'number') throw new StoreError(`The database holds an unknown value: ${String(value)}`)
  return value
}

export function optionalTextAt(columns: Columns, at: number): string | undefined {
  const value = columns[at]
  if (value === null) return undefined
  if (typeof value !== 'string') throw new StoreError(`The database holds an unknown value: ${String(value)}`)
  return value
}

export function textIn(row: Row, column: string): string {
  const value = row[column]
  if (typeof value !== 'string') throw unexpected(row, column)
  return value
}

export function isNull(row: Row, column: string): boolean {
  return row[column] === null
}

/** The one of `words` that the column holds. */
export function wordIn<Word extends string>(row: Row, column: string, words: readonly Word[]): Word {
  const text = textIn(row, column)
  const found = words.find((word) => word === text)
  if (found === undefined) throw unexpected(row, column)
  return found
}

export function unexpected(row: Row, column: string): StoreError {
  return new StoreError(`The database holds an unknown ${column}: ${String(row[column])}`)
}
