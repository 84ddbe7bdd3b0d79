/** A figure to be shown: its digits, and its unit with prefix. */
export type QuantityText = { readonly digits: string; readonly unit: string }

/** What a figure that is not known is shown as. */
const unknownDigits = '–'

type Unit = 'g' | 'g/h' | 'W' | 'Wh' | 'J'

const prefixes = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
  [1, ''],
  [1e-3, 'm'],
  [1e-6, 'µ'],
] as const
/** A gram has names of its own above the kilogram: a megagram is a tonne. */
const massUnits: Readonly<Record<string, string>> = { Gg: 'kt', Mg: 't' }

const significantDigits = 3
/** What sums of binary fractions are off by is not shown. */
const nothing = 5e-10

/** Three significant digits and an SI prefix: 1234 g is `1.23 kg`. Null is shown as not known. */
export function quantityText(value: number | null | undefined, unit: Unit): QuantityText {
  if (value === null || value === undefined || !Number.isFinite(value)) return { digits: unknownDigits, unit }
  if (Math.abs(value) < nothing) return { digits: '0', unit }
  const rounded = Number(value.toPrecision(significantDigits))
  const [factor, prefix] = prefixFor(Math.abs(rounded))
  return { digits: digitsOf(rounded / factor), unit: prefixed(prefix, unit) }
}

/** The figure in one piece, its unit kept on the same line. */
export function quantity(value: number | null | undefined, unit: Unit): string {
  const text = quantityText(value, unit)
  return `${text.digits}\u00A0${text.unit}`
}

/** Energy as people know it: joules shown in watt-hours. */
export function energy(joules: number | null | undefined): string {
  return quantity(joules === null || joules === undefined ? joules : joules / 3600, 'Wh')
}

/** All ticks of an axis in the unit that suits the greatest: `0`, `0.5 kW`, `1 kW`. */
export function axisTexts(ticks: readonly number[], unit: Unit): readonly string[] {
  const greatest = Math.max(...ticks.map(Math.abs))
  if (!(greatest > 0)) return ticks.map((tick) => (tick === 0 ? '0' : ''))
  const [factor, prefix] = prefixFor(greatest)
  return ticks.map((tick) =>
    tick === 0 ? '0' : `${Number((tick / factor).toPrecision(6))}\u00A0${prefixed(prefix, unit)}`,
  )
}

/** A share in percent: whole ones, and one decimal where that tells a little from nothing, or much from all. */
export function percent(share: number): string {
  const percents = share * 100
  const size = Math.abs(percents)
  if (size < 1e-6) return '0\u00A0%'
  // What differs from all by less than sums are exact to is all.
  if (Math.abs(size - 100) < 1e-6) return `${Math.round(percents)}\u00A0%`
  if (size > 99 && size < 100) return `${(Math.floor(percents * 10) / 10).toFixed(1)}\u00A0%`
  if (size < 0.1) return `< 0.1\u00A0%`
  return `${percents.toFixed(size < 10 ? 1 : 0)}\u00A0%`
}

/** A whole number with thin spaces between thousands. */
export function count(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, '\u202F')
}

/** Grams per kilowatt-hour, whole where they are many. */
export function intensity(gramsPerKwh: number | null | undefined): string {
  if (gramsPerKwh === null || gramsPerKwh === undefined) return `${unknownDigits}\u00A0g/kWh`
  return `${gramsPerKwh.toFixed(gramsPerKwh < 9.95 ? 1 : 0)}\u00A0g/kWh`
}

function prefixFor(size: number): (typeof prefixes)[number] {
  return prefixes.find(([factor]) => size >= factor) ?? [1e-6, 'µ']
}

function prefixed(prefix: string, unit: Unit): string {
  const [base = '', ...rest] = unit.split('/')
  return [massUnits[prefix + base] ?? prefix + base, ...rest].join('/')
}

function digitsOf(value: number): string {
  const size = Math.abs(value)
  if (size >= 1000) return count(value)
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3)
}
