/**
 * Where a carbon intensity holds. A zone is named by its canonical code: a country by its ISO 3166-1 alpha-2 code
 * in capitals (`DE`), a part of a country by that code and the part's own (`DK-DK1`).
 */

export type ZoneName = {
  readonly code: string
  readonly name: string
  /** The country that it is or lies in, by its code. */
  readonly country: string
  /** The zones within a country, ascending by code; empty for a country without any, and for a part. */
  readonly parts: readonly string[]
}

export type ZoneLookup =
  | { readonly kind: 'known'; readonly zone: string; readonly name: string }
  | { readonly kind: 'unknown'; readonly given: string }

export type ZoneDirectory = {
  /** The zone that `given` names, in any case, with or without blanks around it. */
  find(given: string): ZoneLookup
  /** Every zone, ascending by code. */
  all(): readonly ZoneName[]
}

/** Codes that are reserved in ISO 3166-1 for a country's other name; the European Union writes both. */
const aliases = new Map([
  ['UK', 'GB'],
  ['EL', 'GR'],
])

/** Only ASCII may be raised to capitals: `ß` would become `SS`, which is South Sudan. */
const codeShape = /^[A-Za-z0-9-]+$/

/** A part's country is what stands before the first hyphen of its code. */
export function createZoneDirectory(
  zones: readonly { readonly code: string; readonly name: string }[],
): ZoneDirectory {
  const ascending = zones.toSorted((a, b) => (a.code < b.code ? -1 : 1))
  const partsByCountry = Map.groupBy(
    ascending.flatMap(({ code }) => (isPart(code) ? [code] : [])),
    countryOf,
  )
  const named = ascending.map(
    ({ code, name }): ZoneName => ({
      code,
      name,
      country: countryOf(code),
      parts: partsByCountry.get(code) ?? [],
    }),
  )
  const byCode = new Map(named.map((zone) => [zone.code, zone]))

  return {
    find(given) {
      const trimmed = given.trim()
      if (!codeShape.test(trimmed)) return { kind: 'unknown', given }
      const code = trimmed.toUpperCase()
      const found = byCode.get(aliases.get(code) ?? code)
      return found === undefined
        ? { kind: 'unknown', given }
        : { kind: 'known', zone: found.code, name: found.name }
    },
    all: () => named,
  }
}

function isPart(code: string): boolean {
  return code.includes('-')
}

function countryOf(code: string): string {
  return code.split('-', 1)[0] ?? code
}
