import { whyImplausible } from '../../intensity/fact.ts'
import { type GramsPerKilowattHour, gramsPerKilowattHour } from '../../units.ts'

export type IntensityText =
  | { readonly kind: 'ok'; readonly intensity: GramsPerKilowattHour }
  | { readonly kind: 'refused'; readonly why: string }

export const acceptedIntensity = 'a number of g/kWh from 0 to 2000 with a decimal point, such as 148 or 41.2'

/** `Number` alone would take an empty text for 0 and `0x10` for 16. */
const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** A carbon intensity, in g/kWh, as a person wrote it. */
export function parseIntensity(text: string): IntensityText {
  const value = decimal.test(text) ? Number(text) : NaN
  const why = whyImplausible(value)
  return why === undefined ? { kind: 'ok', intensity: gramsPerKilowattHour(value) } : { kind: 'refused', why }
}
