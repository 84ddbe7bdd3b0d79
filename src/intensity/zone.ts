/**
 * Where a carbon intensity holds. A zone is named by its canonical code: a country by its ISO 3166-1 alpha-2 code
 * in capitals (`DE`), a part of a country by that code and the part's own (`DK-DK1`).
 */

export type ZoneName = { readonly code: string; readonly name: string }

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

export function createZoneDirectory(countries: readonly ZoneName[]): ZoneDirectory {
  const sorted = countries.toSorted((a, b) => (a.code < b.code ? -1 : 1))
  const byCode = new Map(sorted.map((country) => [country.code, country]))

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
    all: () => sorted,
  }
}
