import { createHash } from 'node:crypto'

/** A record as JSON in ASCII. Infinite and missing numbers are told apart. */
export function asciiJson(record: unknown): string {
  return inAscii(
    JSON.stringify(record, (_key, value: unknown) =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    ),
  )
}

/** The same JSON in ASCII: any database can hold it, whatever its encoding. */
function inAscii(json: string): string {
  return json.replaceAll(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** The same record has the same digest: 128 bits, as a UUID. */
export function digestOf(record: unknown): string {
  return createHash('sha256').update(asciiJson(record)).digest('hex').slice(0, 32)
}
