import type { EmissionsAnswer, EmissionsZone } from '../adapters/co2-api/emissions-answer.ts'
import { lengthText, momentText, numberText, scaleFor, shareText } from './quantity-text.ts'
import { hasRange, methodText, nameIn, type Report, restOf, scopeText } from './report.ts'

type Column = { readonly head: string; readonly align: 'left' | 'right'; readonly cells: readonly string[] }

/** A report as lines of text, for a terminal. */
export function reportTable({ emissions, sources, question }: Report): string {
  const { from, to, zones, total, warnings } = emissions
  const columns = columnsOf(emissions)
  const lines = [
    `CO2e from ${momentText(from)} to ${momentText(to)} UTC: ${scopeText(emissions)}`,
    '',
    ...drawn(columns),
    '',
    ...zones.flatMap((zone) => linesOn(zone, total.energy_j)),
    '',
    ...creditLines(emissions, sources),
    `Coverage: ${shareText(emissions.coverage)} of the time was measured, by ${count(emissions.samples, 'sample')}${resolutionText(emissions)}.`,
    `Intensities as known at ${momentText(emissions.as_of)} UTC; ${emissions.basis === 'direct' ? 'direct emissions' : 'life-cycle emissions'}, ${emissions.signal} signal.${defaultsText(emissions)}`,
    ...flagLines(emissions),
    ...warnings.map((warning) => `Warning: ${warning}`),
    `Again: ${question}`,
  ]
  return `${lines.join('\n')}\n`
}

function columnsOf(emissions: EmissionsAnswer): readonly Column[] {
  const { groups, group_by: by, zones, total } = emissions
  const rest = restOf(emissions)
  const isGrouped = by.length > 0
  /** Of each group, of those that are left out, and of all. */
  const column = (
    head: string,
    align: Column['align'],
    cells: {
      readonly groups: readonly string[]
      readonly rest: string
      readonly total: string
    },
  ): Column => ({
    head,
    align,
    cells: [...(isGrouped ? cells.groups : []), ...(rest === undefined ? [] : [cells.rest]), cells.total],
  })
  const names = by.map((dimension, index) =>
    column(dimension.toUpperCase(), 'left', {
      groups: groups.map((group) => nameIn(group, dimension)),
      rest: index === 0 ? `(${rest?.count} more)` : '',
      total: index === 0 ? 'total' : '',
    }),
  )
  const energy = scaleFor('energy', [total.energy_j])
  const power = scaleFor('power', [total.mean_power_w])
  const gramsOfZones = zones.map(({ co2_g: co2 }) => co2)
  const figures = [
    column(`ENERGY ${energy.unit}`, 'right', {
      groups: groups.map(({ energy_j: joules }) => energy.text(joules)),
      rest: energy.text(rest?.energyJoules),
      total: energy.text(total.energy_j),
    }),
    column(`MEAN ${power.unit}`, 'right', {
      groups: groups.map(({ mean_power_w: watts }) => power.text(watts)),
      rest: power.text(rest?.powerWatts),
      total: power.text(total.mean_power_w),
    }),
    ...zones.flatMap((zone) => {
      const code = zone.zone
      const grams = scaleFor('emissions', [zone.co2_g], gramsOfZones)
      const sums = column(`${code} ${grams.unit}`, 'right', {
        groups: groups.map(({ co2_g: co2 }) => grams.text(co2[code])),
        rest: grams.text(rest?.gramsIn(code)),
        total: grams.text(zone.co2_g),
      })
      if (!hasRange(zone)) return [sums]
      const between = (low: number | null | undefined, high: number | null | undefined) =>
        `${grams.text(low)} to ${grams.text(high)}`
      const range = column('LIKELY', 'left', {
        groups: groups.map(({ co2_g_low: low, co2_g_high: high }) => between(low[code], high[code])),
        rest: '',
        total: between(zone.co2_g_low, zone.co2_g_high),
      })
      return [sums, range]
    }),
    column('COVERAGE', 'right', {
      groups: groups.map(({ coverage }) => shareText(coverage)),
      rest: '',
      total: shareText(emissions.coverage),
    }),
    column('FLAGS', 'left', {
      groups: groups.map(({ flags }) => flags.join(' ')),
      rest: '',
      total: '',
    }),
  ]
  const all = [...names, ...figures]
  return all.filter(({ head, cells }) => head !== 'FLAGS' || cells.some((cell) => cell !== ''))
}

function drawn(columns: readonly Column[]): readonly string[] {
  const rows = columns[0]?.cells.length ?? 0
  const widths = columns.map(({ head, cells }) => Math.max(...[head, ...cells].map(widthOf)))
  const line = (cellOf: (column: Column) => string) =>
    columns
      .map((column, index) => {
        const cell = cellOf(column)
        const padding = ' '.repeat((widths[index] ?? 0) - widthOf(cell))
        return column.align === 'left' ? cell + padding : padding + cell
      })
      .join('  ')
      .trimEnd()
  const body = Array.from({ length: rows }, (_, row) => line(({ cells }) => cells[row] ?? ''))
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2))
  const last = body.at(-1) ?? ''
  return [line(({ head }) => head), ...body.slice(0, -1), ...(rows > 1 ? [rule] : []), last]
}

/** Letters, not bytes. */
function widthOf(text: string): number {
  return Array.from(text).length
}

function linesOn(zone: EmissionsZone, energyJoules: number): readonly string[] {
  const { mean_intensity_g_per_kwh: mean, provenance, worst_age_s: age, name } = zone
  const intensity = mean === null ? 'no intensity is known' : `${numberText(mean, 1)} g/kWh on average`
  const parts = provenance.map(
    (part) => `${shareText(part.energy_share)} ${methodText(part)} (${part.intensity_source})`,
  )
  const oldest = age === null ? '' : `; oldest figure ${lengthText(age)}`
  const unknown = zone.energy_without_intensity_j
  return [
    `${zone.zone} ${name}: ${intensity}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}${oldest}`,
    ...(unknown > 0
      ? [
          `   ${shareText(unknown / energyJoules)} of the energy has no known intensity and is not in the grams.`,
        ]
      : []),
    ...(hasRange(zone)
      ? ['   LIKELY: nine of ten true values, where stand-ins take the place of measurements.']
      : []),
  ]
}

function creditLines({ zones }: EmissionsAnswer, sources: Report['sources']): readonly string[] {
  const used = new Set(zones.flatMap(({ provenance }) => provenance.map((part) => part.intensity_source)))
  return Array.from(used).flatMap((source) => {
    const credit = sources.get(source)
    if (credit === undefined) return []
    return [`${source}: ${credit.attribution}${credit.licence === '' ? '' : ` (${credit.licence})`}`]
  })
}

function resolutionText({ resolution_s: seconds }: EmissionsAnswer): string {
  return seconds === null ? '' : `, read as sums over up to ${lengthText(seconds)}`
}

function defaultsText({ defaults }: EmissionsAnswer): string {
  return defaults.length === 0 ? '' : ` Not given, so by default: ${defaults.join(', ')}.`
}

function flagLines({ groups }: EmissionsAnswer): readonly string[] {
  const flags = new Set(groups.flatMap(({ flags: ofGroup }) => ofGroup))
  return flags.size === 0
    ? []
    : ['What a flag says of the interval in which it stands: docs/command-line.md.']
}

function count(number: number, what: string): string {
  return `${number.toLocaleString('en-GB')} ${what}${number === 1 ? '' : 's'}`
}
