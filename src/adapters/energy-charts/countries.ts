/**
 * The zones that Energy-Charts knows, with its own codes for them. Its list of countries, asked one by one in April
 * 2026; `tr` was refused with status 400 and `eu` is no zone. Whether figures exist for every one of them was not
 * tried: one that has none is answered with status 400.
 */
const sameCode = [
  'AL',
  'AM',
  'AT',
  'AZ',
  'BA',
  'BE',
  'BG',
  'BY',
  'CH',
  'CY',
  'CZ',
  'DE',
  'DK',
  'EE',
  'ES',
  'FI',
  'FR',
  'GE',
  'GR',
  'HR',
  'HU',
  'IE',
  'IT',
  'LT',
  'LU',
  'LV',
  'MD',
  'ME',
  'MK',
  'MT',
  'NL',
  'NO',
  'PL',
  'PT',
  'RO',
  'RS',
  'RU',
  'SE',
  'SI',
  'SK',
  'UA',
  'XK',
]

/** Great Britain and Northern Ireland lie in two electricity systems. */
const otherCode = [
  ['GB', 'uk'],
  ['GB-NIR', 'nie'],
] as const

export const countryOfZone: ReadonlyMap<string, string> = new Map([
  ...sameCode.map((zone) => [zone, zone.toLowerCase()] as const),
  ...otherCode,
])
