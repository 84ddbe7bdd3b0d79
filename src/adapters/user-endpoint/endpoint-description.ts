import type { IntensityBasis, IntensitySignal } from '../../intensity/fact.ts'
import type { ZoneDirectory } from '../../intensity/zone.ts'
import { type JsonPointer, parseJsonPointer } from './json-pointer.ts'

/** How to ask a user's own endpoint for carbon intensities, and how to read its answers. */
export type EndpointDescription = {
  /** With `{zone}`, `{from}` and `{to}` to be filled in, where it has them. */
  readonly url: string
  /** A file with headers to send, one `Name: value` a line. */
  readonly headersFile: string | undefined
  /** Leads to the list of figures, or to the one there is. */
  readonly items: JsonPointer
  /** The rest lead on from a figure. */
  readonly from: JsonPointer
  readonly to: JsonPointer
  readonly value: JsonPointer
  readonly gramsPerUnit: number
  /** What stands for `{zone}`, by zone. */
  readonly zones: ReadonlyMap<string, string>
  readonly basis: IntensityBasis
  readonly signal: IntensitySignal
  readonly everySeconds: number
}

export type DescriptionReading =
  | { readonly kind: 'ok'; readonly description: EndpointDescription }
  /** Each problem is a sentence: which property, and what is accepted. */
  | { readonly kind: 'problems'; readonly problems: readonly string[] }

/** In g/kWh; a pound is 453.59237 g, exactly. */
const gramsPerUnit = new Map([
  ['gCO2e/kWh', 1],
  ['kgCO2e/MWh', 1],
  ['lbCO2/MWh', 0.453_592_37],
])

const bases = ['lifecycle', 'direct', 'unstated'] as const
const signals = ['average', 'marginal'] as const

const pointerAccepted = 'a JSON pointer such as /data or "" for the whole'

/**
 * Reads the description of an endpoint from JSON:
 *
 *     { "url": "https://grid.example/intensity?area={zone}&from={from}&to={to}", "headersFile": "/run/secrets/grid",
 *       "items": "/data", "from": "/start", "to": "/end", "value": "/intensity", "unit": "gCO2e/kWh",
 *       "zones": { "DE": "germany" }, "basis": "lifecycle", "signal": "average", "everySeconds": 900 }
 *
 * `zones` may be a list, when the endpoint names zones as this program does. `basis` is `unstated`, `signal` `average`
 * and `everySeconds` 900 when left out. Otherwise every problem is told, one sentence each; none repeats the
 * address, which may hold a key.
 */
export function parseEndpointDescription(text: string, directory: ZoneDirectory): DescriptionReading {
  const problems: string[] = []
  const refuse = (what: string, accepted: string): undefined => {
    problems.push(`${what}; accepted is ${accepted}`)
    return undefined
  }

  const given = parseObject(text)
  if (given === undefined) {
    return { kind: 'problems', problems: ['it is no JSON object; accepted is one with url, items and more'] }
  }
  for (const name of Object.keys(given)) {
    if (!properties.has(name)) refuse(`it has the unknown property ${JSON.stringify(name)}`, known)
  }

  const textOf = (name: string, accepted: string): string | undefined => {
    const value = given[name]
    return typeof value === 'string' ? value : refuse(`${name} is ${shown(value)}`, accepted)
  }
  const pointerOf = (name: string): JsonPointer | undefined => {
    const pointer = textOf(name, pointerAccepted)
    if (pointer === undefined) return undefined
    return parseJsonPointer(pointer) ?? refuse(`${name} is ${shown(pointer)}`, pointerAccepted)
  }
  const choiceOf = <const T extends string>(name: string, choices: readonly T[], fallback: T) => {
    const value = given[name] ?? fallback
    return (
      choices.find((choice) => choice === value) ??
      refuse(`${name} is ${shown(value)}`, `one of ${choices.join(', ')}`)
    )
  }

  const url = readUrl(given['url'], refuse)
  const headersFile =
    given['headersFile'] === undefined ? undefined : textOf('headersFile', 'the path of a file')
  const items = pointerOf('items')
  const from = pointerOf('from')
  const to = pointerOf('to')
  const value = pointerOf('value')
  const unit =
    gramsPerUnit.get(String(given['unit'])) ??
    refuse(`unit is ${shown(given['unit'])}`, `one of ${[...gramsPerUnit.keys()].join(', ')}`)
  const zones = readZones(given['zones'], directory, refuse)
  const basis = choiceOf('basis', bases, 'unstated')
  const signal = choiceOf('signal', signals, 'average')
  const everySeconds = readEverySeconds(given['everySeconds'] ?? 900, refuse)

  if (
    problems.length > 0 ||
    url === undefined ||
    items === undefined ||
    from === undefined ||
    to === undefined ||
    value === undefined ||
    unit === undefined ||
    zones === undefined ||
    basis === undefined ||
    signal === undefined ||
    everySeconds === undefined
  ) {
    return { kind: 'problems', problems }
  }
  return {
    kind: 'ok',
    description: {
      url,
      headersFile,
      items,
      from,
      to,
      value,
      gramsPerUnit: unit,
      zones,
      basis,
      signal,
      everySeconds,
    },
  }
}

const properties = new Set([
  'url',
  'headersFile',
  'items',
  'from',
  'to',
  'value',
  'unit',
  'zones',
  'basis',
  'signal',
  'everySeconds',
])
const known = [...properties].join(', ')

type Refuse = (what: string, accepted: string) => undefined

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function readUrl(value: unknown, refuse: Refuse): string | undefined {
  const accepted = 'an http or https address, in which {zone}, {from} and {to} may stand'
  if (typeof value !== 'string')
    return refuse(`url is ${value === undefined ? 'missing' : 'no text'}`, accepted)
  const unknown = [...value.matchAll(/\{([^{}]*)\}/g)].filter(
    ([placeholder]) => !['{zone}', '{from}', '{to}'].includes(placeholder),
  )
  if (unknown.length > 0) return refuse('url has a placeholder that is not known', accepted)
  const tried = value.replaceAll(/\{\w+\}/g, 'x')
  if (!URL.canParse(tried) || !/^https?:$/.test(new URL(tried).protocol)) {
    return refuse('url is no address', accepted)
  }
  // A host that is filled in from a zone's name could be any host.
  if (/^[^/]*\/\/[^/?#]*\{/.test(value)) return refuse('url has a placeholder in its host', accepted)
  return value
}

function readZones(
  value: unknown,
  directory: ZoneDirectory,
  refuse: Refuse,
): ReadonlyMap<string, string> | undefined {
  const accepted = 'a list of zones such as ["DE", "DK-DK1"], or an object of what the endpoint calls each'
  const entries = zoneEntries(value)
  if (entries === undefined || entries.length === 0) return refuse(`zones is ${shown(value)}`, accepted)

  const zones = new Map<string, string>()
  for (const [given, called] of entries) {
    const found = directory.find(given)
    if (found.kind === 'unknown')
      refuse(`zones names the unknown zone ${shown(given)}`, 'a zone such as DE or DK-DK1')
    else if (zones.has(found.zone)) refuse(`zones names ${found.zone} twice`, 'each zone once')
    else if (typeof called !== 'string') refuse(`zones calls ${found.zone} ${shown(called)}`, 'a text')
    else zones.set(found.zone, called)
  }
  return zones
}

function zoneEntries(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (Array.isArray(value)) {
    const codes: readonly unknown[] = value
    return codes.map((code) => [String(code), code])
  }
  return isObject(value) ? Object.entries(value) : undefined
}

function readEverySeconds(value: unknown, refuse: Refuse): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 10 && value <= 86_400
    ? value
    : refuse(`everySeconds is ${shown(value)}`, 'a whole number from 10 to 86400')
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value)
}
