import { type Instant, instant } from './units.ts'

export const acceptedTime =
  'an ISO 8601 time such as 2024-03-22T13:00Z or 2024-03-22T14:00+01:00 (UTC without an offset)'

const shape =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i

/** The instant an ISO 8601 time names, read as UTC when it has no offset; a date alone is its first instant. */
export function parseIsoTime(text: string): Instant | undefined {
  const [, date, time = '00:00', seconds = '00', fraction = '0', offset = 'Z'] = shape.exec(text) ?? []
  if (date === undefined) return undefined
  const wallClock = `${date}T${time}:${seconds}`
  const milliseconds = Date.parse(`${wallClock}Z`)
  // A day or an hour that does not exist is carried over by some parsers and refused by others.
  if (!isAt(milliseconds, date, time)) return undefined
  const minutes = offsetMinutes(offset)
  if (minutes === undefined) return undefined
  return instant(milliseconds + Math.floor(Number(`0.${fraction}`) * 1000) - minutes * 60_000)
}

/** Whether that is the moment's date and time of day, in UTC. */
function isAt(milliseconds: number, date: string, time: string): boolean {
  const at = new Date(milliseconds)
  return (
    at.getUTCDate() === Number(date.slice(-2)) &&
    at.getUTCHours() === Number(time.slice(0, 2)) &&
    at.getUTCMinutes() === Number(time.slice(-2)) &&
    at.getUTCMonth() + 1 === Number(date.slice(5, 7))
  )
}

function offsetMinutes(offset: string): number | undefined {
  if (offset.toUpperCase() === 'Z') return 0
  const digits = offset.slice(1).replace(':', '').padEnd(4, '0')
  const hours = Number(digits.slice(0, 2))
  const minutes = Number(digits.slice(2))
  if (hours > 23 || minutes > 59) return undefined
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}
