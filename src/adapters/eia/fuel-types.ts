import type { TechnologyOfType } from '../../intensity/generation-mix.ts'

/** The energy sources of Form EIA-930. EIA does not tell hard coal from lignite, nor wind at sea from wind on land. */
export const technologyOfFuelType: TechnologyOfType = new Map([
  ['COL', 'coal'],
  ['NG', 'gas'],
  ['NUC', 'nuclear'],
  ['OIL', 'oil'],
  ['WAT', 'hydro'],
  ['SUN', 'solar'],
  ['WND', 'wind'],
  ['GEO', 'geothermal'],
  ['OTH', 'other'],
  /** Solar and wind plants with a battery of their own. */
  ['SNB', 'solar'],
  ['WNB', 'wind'],
  ['PS', 'storage'],
  ['BAT', 'storage'],
  ['UES', 'storage'],
  ['OES', 'storage'],
])
