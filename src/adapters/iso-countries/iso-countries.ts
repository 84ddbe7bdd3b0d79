import english from 'i18n-iso-countries/langs/en.json' with { type: 'json' }
import { createZoneDirectory, type ZoneDirectory, type ZoneName } from '../../intensity/zone.ts'

/**
 * The countries of ISO 3166-1 by alpha-2 code, and Kosovo under the code `XK` that is in general use for it.
 *
 * Only the English names are loaded: the package's own entry point registers close to eighty languages.
 */
export function createCountryDirectory(): ZoneDirectory {
  return createZoneDirectory(Object.entries(english.countries).map(toZoneName))
}

function toZoneName([code, names]: [string, string | readonly string[]]): ZoneName {
  return { code, name: typeof names === 'string' ? names : (names[0] ?? code) }
}
