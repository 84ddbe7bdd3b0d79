import { type Dimension, dimensions, type Order } from '../address/place.ts'

/** A group of the explorer's table. */
export type GroupRow = {
  /** Its own among all rows. */
  readonly id: string
  /** What it is called by; undefined for energy whose container has no name yet. */
  readonly name: string | undefined
  /** Where it belongs, such as the namespace of a pod. */
  readonly within: string
  readonly key: Readonly<Partial<Record<Dimension, string>>>
  readonly joules: number
  readonly watts: number
  readonly coverage: number
  readonly flags: readonly string[]
  readonly grams: Readonly<Record<string, number | null>>
  readonly likely: Readonly<Record<string, { readonly low: number | null; readonly high: number | null }>>
  readonly joulesWithoutIntensity: Readonly<Record<string, number | null>>
  readonly isOwnerGuessed: boolean
}

type WrittenGroup = {
  readonly key: Readonly<Record<string, string | null>>
  readonly energy_j: number
  readonly mean_power_w: number
  readonly coverage: number
  readonly flags: readonly string[]
  readonly co2_g: Readonly<Record<string, number | null>>
  readonly co2_g_low: Readonly<Record<string, number | null>>
  readonly co2_g_high: Readonly<Record<string, number | null>>
  readonly energy_without_intensity_j: Readonly<Record<string, number | null>>
  readonly owner?: { readonly derived_from: string } | null | undefined
}

export function groupRow(written: WrittenGroup, grouping: Dimension): GroupRow {
  const key: Partial<Record<Dimension, string>> = {}
  for (const dimension of dimensions) {
    const name = written.key[dimension]
    if (typeof name === 'string') key[dimension] = name
  }
  const zones = Object.keys(written.co2_g)
  const outer = dimensions.filter((dimension) => dimension !== grouping && key[dimension] !== undefined)
  return {
    id: JSON.stringify(dimensions.map((dimension) => key[dimension] ?? null)),
    name: key[grouping],
    within: outer.map((dimension) => key[dimension]).join(' / '),
    key,
    joules: written.energy_j,
    watts: written.mean_power_w,
    coverage: written.coverage,
    flags: written.flags,
    grams: written.co2_g,
    likely: Object.fromEntries(
      zones.map((zone) => [
        zone,
        { low: written.co2_g_low[zone] ?? null, high: written.co2_g_high[zone] ?? null },
      ]),
    ),
    joulesWithoutIntensity: written.energy_without_intensity_j,
    isOwnerGuessed: written.owner?.derived_from === 'pod-name',
  }
}

/** The rows in which every word of `search` occurs, in upper or lower case. */
export function rowsWith(rows: readonly GroupRow[], search: string): readonly GroupRow[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  if (words.length === 0) return rows
  return rows.filter((row) => {
    const text = `${row.within} / ${row.name ?? unnamed}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

/** What energy is called whose container has no name yet. */
export const unnamed = 'not named yet'

/** The name of a row with where it belongs. */
export function nameInFull({ within, name = unnamed }: GroupRow): string {
  return within === '' ? name : `${within} / ${name}`
}

/** The rows in order; what is not known comes last either way. `home` is the zone of the plain column `co2`. */
export function inOrder(rows: readonly GroupRow[], order: Order, home: string): readonly GroupRow[] {
  const sign = order.isDescending ? -1 : 1
  const byName = (left: GroupRow, right: GroupRow) => compareTexts(fullName(left), fullName(right))
  if (order.column === 'name') return rows.toSorted((left, right) => sign * byName(left, right))
  const value = valueOf(order.column, home)
  return rows.toSorted((left, right) => {
    const [first, second] = [value(left), value(right)]
    if (first === null || second === null) {
      return first === second ? byName(left, right) : first === null ? 1 : -1
    }
    return first === second ? byName(left, right) : sign * (first - second)
  })
}

function valueOf(column: string, home: string): (row: GroupRow) => number | null {
  if (column === 'power') return ({ watts }) => watts
  if (column === 'energy') return ({ joules }) => joules
  if (column === 'coverage') return ({ coverage }) => coverage
  const zone = column.startsWith('co2:') ? column.slice('co2:'.length) : home
  return ({ grams }) => grams[zone] ?? null
}

function fullName({ within, name }: GroupRow): string {
  return `${within} / ${name ?? ''}`
}

const collator = new Intl.Collator('en', { numeric: true })

function compareTexts(left: string, right: string): number {
  return collator.compare(left, right)
}
