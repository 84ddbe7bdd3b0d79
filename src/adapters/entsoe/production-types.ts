import type { TechnologyOfType } from '../../intensity/generation-mix.ts'

/**
 * The production types of ENTSO-E's code list StandardPsrTypeTypeList (B01 to B20, and B25 for energy storage), as
 * far as generation is published by them.
 */
export const technologyOfProductionType: TechnologyOfType = new Map([
  ['B01', 'biomass'],
  ['B02', 'lignite'],
  ['B03', 'coal-gas'],
  ['B04', 'gas'],
  ['B05', 'coal'],
  ['B06', 'oil'],
  ['B07', 'oil-shale'],
  ['B08', 'peat'],
  ['B09', 'geothermal'],
  ['B10', 'storage'],
  ['B11', 'hydro'],
  ['B12', 'hydro'],
  ['B13', 'marine'],
  ['B14', 'nuclear'],
  ['B15', 'other-renewable'],
  ['B16', 'solar'],
  ['B17', 'waste'],
  ['B18', 'wind-offshore'],
  ['B19', 'wind-onshore'],
  ['B20', 'other'],
  ['B25', 'storage'],
])
