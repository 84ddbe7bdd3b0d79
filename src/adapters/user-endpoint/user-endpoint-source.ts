import { unknownZone } from '../../intensity/answer-failure.ts'
import { type AnswerReader, createAnswerReader } from '../../intensity/answer-reader.ts'
import { dayMs, pastOf } from '../../intensity/calendar.ts'
import type { AboutSource, IntensitySource } from '../../intensity/source.ts'
import { begunBy, type Figure, factsFrom, holdingWithin } from '../../intensity/source-facts.ts'
import type { WebSourceOptions } from '../../intensity/web-source.ts'
import { type Instant, type Interval, instant } from '../../units.ts'
import type { EndpointDescription } from './endpoint-description.ts'
import { valueAt } from './json-pointer.ts'

const id = 'INTENSITY_ENDPOINT'

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/**
 * Carbon intensities from an endpoint that whoever runs the program described. `{from}` and `{to}` are filled in with
 * times in UTC; an endpoint without them is expected to answer with what it has. Times in answers are ISO 8601, in UTC
 * without an offset, or seconds since 1970; values are numbers, also as text, and null for none. What begins
 * in the future is a forecast.
 */
export function createUserEndpointSource(
  options: Omit<WebSourceOptions, 'baseUrl'> & {
    readonly description: EndpointDescription
    readonly headers?: Readonly<Record<string, string>>
  },
): IntensitySource {
  const { httpGet, rank, now, description, headers = {} } = options
  const zones = [...description.zones.keys()].sort()
  const about: AboutSource = {
    name: `The endpoint described by ${id}`,
    url: '',
    licence: 'unstated',
    attribution: 'Set by the operator of this service',
    signal: description.signal,
    basis: description.basis,
    everySeconds: description.everySeconds,
    secondsBetweenRequests: 1,
  }
  const reader = createAnswerReader(about.name, now)

  async function figures(zone: string, during: Interval, signal: AbortSignal): Promise<readonly Figure[]> {
    const called = description.zones.get(zone)
    if (called === undefined) throw unknownZone(about.name, zone)
    signal.throwIfAborted()
    const url = filledIn(description.url, { zone: called, during })
    return readFigures(reader.json(await httpGet(url, { headers, signal })), {
      description,
      reader,
      now: now(),
    })
  }

  const factsOf = (zone: string, found: readonly Figure[]) =>
    factsFrom({ id, about, rank, learnedAt: now() }, zone, found)

  return {
    id,
    about,
    zones: () => zones,
    /** Of the last day. */
    async latest(zone, signal) {
      const during = { from: instant(now() - dayMs), to: now() }
      return factsOf(zone, begunBy(holdingWithin(await figures(zone, during, signal), during), now()))
    },
    async history(zone, during, signal) {
      const past = pastOf(during, now())
      if (past.from >= past.to) return []
      return factsOf(zone, holdingWithin(await figures(zone, past, signal), past))
    },
  }
}

function filledIn(url: string, { zone, during }: { readonly zone: string; readonly during: Interval }): URL {
  const texts = new Map([
    ['{zone}', zone],
    ['{from}', isoSeconds(during.from)],
    ['{to}', isoSeconds(during.to)],
  ])
  return new URL(
    url.replaceAll(/\{\w+\}/g, (placeholder) => encodeURIComponent(texts.get(placeholder) ?? '')),
  )
}

/** `2026-10-04T13:00:00Z`. */
function isoSeconds(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`
}

function readFigures(
  json: unknown,
  read: { readonly description: EndpointDescription; readonly reader: AnswerReader; readonly now: Instant },
): readonly Figure[] {
  const { description, reader, now } = read
  const found = valueAt(json, description.items)
  if (found === undefined || found === null) throw reader.unexpected(found, 'items', 'a list or an object')
  const items: readonly unknown[] = Array.isArray(found) ? found : [found]
  return items.flatMap((item): readonly Figure[] => {
    const from = readTime(valueAt(item, description.from), 'from', reader)
    const to = readTime(valueAt(item, description.to), 'to', reader)
    if (!(from < to)) throw reader.unexpected(to, 'to', 'a time after from')
    const value = readValue(valueAt(item, description.value), reader)
    if (value === undefined) return []
    return [
      {
        valid: { from, to },
        grams: value * description.gramsPerUnit,
        method: { kind: from > now ? 'forecast' : 'measured' },
      },
    ]
  })
}

/** In milliseconds it would be over this; 1e11 s are in the year 5138. */
const mostUnixSeconds = 1e11

function readTime(value: unknown, field: string, reader: AnswerReader): Instant {
  if (typeof value !== 'number') return reader.time(value, field)
  if (value > 0 && value < mostUnixSeconds) return reader.unixTime(value, field)
  throw reader.unexpected(value, field, 'a time')
}

function readValue(value: unknown, reader: AnswerReader): number | undefined {
  if (typeof value !== 'string') return reader.numberOrNull(value, 'value')
  if (decimal.test(value.trim())) return Number(value)
  throw reader.unexpected(value, 'value', 'a number or null')
}
