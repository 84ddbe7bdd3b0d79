/** How one column of figures is written: all in one unit, with as many decimals as its largest figure needs. */
export type Scale = {
  readonly unit: string
  /** What one of the unit is, in joules, grams or watts. */
  readonly size: number
  /** A figure in the column's unit, without the unit; a dash where there is none. */
  text(value: number | null | undefined): string
}

type Unit = readonly [unit: string, size: number]

const joulesPerKilowattHour = 3_600_000

/** From small to large, with what one of them is in joules, grams, watts. */
const unitsOf = {
  energy: [
    ['J', 1],
    ['Wh', joulesPerKilowattHour / 1000],
    ['kWh', joulesPerKilowattHour],
    ['MWh', joulesPerKilowattHour * 1000],
    ['GWh', joulesPerKilowattHour * 1e6],
  ],
  emissions: [
    ['mg', 1e-3],
    ['g', 1],
    ['kg', 1e3],
    ['t', 1e6],
    ['kt', 1e9],
  ],
  power: [
    ['mW', 1e-3],
    ['W', 1],
    ['kW', 1e3],
    ['MW', 1e6],
  ],
} as const satisfies Readonly<Record<string, readonly Unit[]>>

const missing = '–'

type Figures = readonly (number | null | undefined)[]

/**
 * The scale for a column with these figures, which are in joules, grams or watts. Columns that are compared share the
 * unit: that of the largest of `beside`.
 */
export function scaleFor(quantity: keyof typeof unitsOf, values: Figures, beside: Figures = values): Scale {
  const units: readonly Unit[] = unitsOf[quantity]
  const most = largestOf(beside)
  const [unit, size] = units.findLast(([, one]) => most >= one) ?? units[0] ?? ['', 1]
  const decimals = decimalsFor(largestOf(values) / size)
  return {
    unit,
    size,
    text(value) {
      if (value === null || value === undefined) return missing
      return numberText(value / size, decimals)
    },
  }
}

/** One figure with its unit. */
export function quantityText(quantity: keyof typeof unitsOf, value: number | null | undefined): string {
  const scale = scaleFor(quantity, [value])
  return value === null || value === undefined ? missing : `${scale.text(value)} ${scale.unit}`
}

function largestOf(values: Figures): number {
  return values.reduce<number>((most, value) => Math.max(most, Math.abs(value ?? 0)), 0)
}

/** Four digits of the largest figure. */
function decimalsFor(largest: number): number {
  if (largest === 0) return 0
  return Math.max(0, Math.min(3, 3 - Math.floor(Math.log10(largest))))
}

export function numberText(value: number, decimals: number): string {
  const least = 10 ** -decimals
  // What is too small to be seen is not nothing.
  if (value !== 0 && Math.abs(value) < least / 2) return `<${least.toFixed(decimals)}`
  return value.toLocaleString('en-GB', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
}

/** A share of 1, such as `99.7 %`; what is not all is never rounded up to 100 %. */
export function shareText(share: number): string {
  const percent = 100 * share
  if (share < 1 && percent > 99.95) return '>99.9 %'
  if (share > 0 && percent < 0.05) return '<0.1 %'
  return `${percent.toFixed(Number.isInteger(percent) ? 0 : 1)} %`
}

/** A time of the API as people read it, in UTC: `2026-11-24 20:51`, with seconds where it has any. */
export function momentText(iso: string): string {
  const [, date = iso, minutes = '', seconds = '00'] = /^(\S+)T(\d\d:\d\d):(\d\d)/.exec(iso) ?? []
  return `${date} ${minutes}${seconds === '00' ? '' : `:${seconds}`}`.trim()
}

/** A length of time such as `15 min` or `2 d 4 h`. */
export function lengthText(seconds: number): string {
  if (seconds < 1) return '0 s'
  const parts: string[] = []
  let rest = Math.round(seconds)
  for (const [unit, size] of [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ] as const) {
    const count = Math.floor(rest / size)
    if (count > 0 && parts.length < 2) parts.push(`${count} ${unit}`)
    else if (parts.length > 0) break
    rest -= count * size
  }
  return parts.join(' ')
}
