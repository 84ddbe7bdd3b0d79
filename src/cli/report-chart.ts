import { type Markup, markup } from './markup.ts'
import { momentText, numberText } from './quantity-text.ts'

export type Chart = {
  /** Beginnings of the steps, as the API gives them, and the end of the last. */
  readonly times: readonly string[]
  readonly end: string
  /** One for each step; null where nothing is known. */
  readonly values: readonly (number | null)[]
  /** For those who cannot see it. */
  readonly description: string
  readonly height: number
}

const width = 960
const left = 64
const right = 8
const top = 14
const bottom = 26

/** What fills the stretches of which nothing is known; it must stand once in the page. */
export const hatching = markup`<svg class="defs" aria-hidden="true" width="0" height="0"><defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch" width="2" height="6"/></pattern></defs></svg>`

/** One bar for each step; where nothing is known, a hatched stretch instead. */
export function barChart(chart: Chart): Markup {
  const { values } = chart
  const place = placesOf(chart, 0)
  const bars = values.map((value, index) => {
    const x = place.x(index)
    const wide = Math.max(0.6, place.x(index + 1) - x - gapBetween(values.length))
    if (value === null)
      return markup`<rect class="unknown" x="${round(x)}" y="${top}" width="${round(wide)}" height="${round(place.floor - top)}"/>`
    return markup`<rect class="bar" x="${round(x)}" y="${round(place.y(value))}" width="${round(wide)}" height="${round(place.floor - place.y(value))}"/>`
  })
  return drawing(chart, place, bars)
}

/** A line that steps from one value to the next; it is broken where nothing is known. */
export function stepChart(chart: Chart): Markup {
  const place = placesOf(chart, undefined)
  const runs: string[] = []
  let isOpen = false
  for (const [index, value] of chart.values.entries()) {
    if (value !== null) {
      const y = round(place.y(value))
      runs.push(`${isOpen ? 'L' : 'M'}${round(place.x(index))} ${y}H${round(place.x(index + 1))}`)
    }
    isOpen = value !== null
  }
  return drawing(chart, place, [markup`<path class="line" d="${runs.join('')}"/>`])
}

type Places = {
  readonly ticks: readonly number[]
  readonly decimals: number
  readonly floor: number
  x(index: number): number
  y(value: number): number
}

/** `lowest` is where the axis begins; undefined leaves it to the values. */
function placesOf({ times, end, values, height }: Chart, lowest: number | undefined): Places {
  const known = values.filter((value) => value !== null)
  const { ticks, decimals } = ticksFor(lowest ?? Math.min(...known, Infinity), Math.max(...known, 0))
  const [low, high] = [ticks[0] ?? 0, ticks.at(-1) ?? 1]
  const floor = height - bottom
  const moments = [...times, end].map((time) => Date.parse(time))
  const begin = moments[0] ?? 0
  const length = (moments.at(-1) ?? 1) - begin || 1
  return {
    ticks,
    decimals,
    floor,
    x: (index) => left + (((moments[index] ?? begin) - begin) / length) * (width - left - right),
    y: (value) => floor - ((value - low) / (high - low || 1)) * (floor - top),
  }
}

/** Three to six round numbers that span the values: multiples of 1, 2, 2.5 or 5 times a power of ten. */
function ticksFor(
  least: number,
  most: number,
): { readonly ticks: readonly number[]; readonly decimals: number } {
  const low = Number.isFinite(least) ? Math.min(least, most) : 0
  const span = most - low || Math.abs(most) || 1
  const power = 10 ** Math.floor(Math.log10(span / 4))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => span / size <= 4.5) ?? span
  const first = Math.floor(low / step)
  const last = Math.max(first + 1, Math.ceil(most / step - 1e-9))
  const decimals = Math.max(
    0,
    -Math.floor(Math.log10(step)) + (step / 10 ** Math.floor(Math.log10(step)) === 2.5 ? 1 : 0),
  )
  return { ticks: Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step), decimals }
}

function drawing(chart: Chart, place: Places, marks: readonly Markup[]): Markup {
  const { height, description } = chart
  const rules = place.ticks.map((tick) => {
    const y = round(place.y(tick))
    return markup`<line class="rule" x1="${left}" x2="${width - right}" y1="${y}" y2="${y}"/><text class="y" x="${left - 8}" y="${y}">${numberText(tick, place.decimals)}</text>`
  })
  const labels = apart(timeLabels(chart), place).map(
    ({ index, text }) =>
      markup`<text class="x" x="${round(place.x(index))}" y="${height - 8}">${text}</text>`,
  )
  return markup`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${description}">
${rules}${marks}${labels}</svg>`
}

type TimeLabel = { readonly index: number; readonly text: string }

/** Those that do not run into the one before: the first step may be cut to next to nothing. */
function apart(labels: readonly TimeLabel[], place: Places): readonly TimeLabel[] {
  const kept: TimeLabel[] = []
  for (const label of labels.toReversed()) {
    const next = kept[0]
    if (next === undefined || place.x(next.index) - place.x(label.index) >= labelWidth) kept.unshift(label)
  }
  return kept
}

const mostLabels = 7
/** The room that a label takes. */
const labelWidth = 90

/** Some of the steps, named by their time; by their day where the steps span several. */
function timeLabels({ times, end }: Chart): readonly TimeLabel[] {
  const every = Math.max(1, Math.ceil(times.length / mostLabels))
  const span = Date.parse(end) - Date.parse(times[0] ?? end)
  const day = 86_400_000
  return times.flatMap((time, index) => {
    if (index % every !== 0) return []
    const [date = '', clock = ''] = momentText(time).split(' ')
    const text = span > 7 * day ? date : span > day ? `${date.slice(5)} ${clock}` : clock
    return [{ index, text }]
  })
}

function gapBetween(bars: number): number {
  return bars > 200 ? 0 : 2
}

function round(value: number): string {
  return value.toFixed(1)
}
