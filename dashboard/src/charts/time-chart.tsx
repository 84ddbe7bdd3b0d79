import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useId, useRef } from 'preact/hooks'
import type uPlot from 'uplot'
import { axisTexts, intensity, quantity } from '../figures/quantity-text.ts'
import { stacked, type Values } from '../figures/stack.ts'
import { axisTimes } from '../figures/time-text.ts'
import { usePage } from '../page.ts'
import { type ColourName, chartColours } from './chart-colours.ts'
import { rootPixels } from './pixels.ts'

export type ChartUnit = 'g/h' | 'W' | 'g/kWh'

export type ChartSeries = {
  /** Its own among the series of a chart. */
  readonly id: string
  readonly label: string
  readonly values: Values
  readonly colour: ColourName
  /** Lengths of dashes and gaps; a plain line without. */
  readonly dash?: readonly number[]
  readonly isFilled?: boolean
}

/** A line of the legend. */
export type LegendEntry = {
  readonly id: string
  readonly label: string
  readonly colour: ColourName
  readonly dash?: readonly number[]
  readonly words: string
}

export type TimeChartProps = {
  /** What it shows, for those who do not see it. */
  readonly label: string
  /** Milliseconds since 1970, ascending. */
  readonly times: readonly number[]
  readonly series: readonly ChartSeries[]
  readonly unit: ChartUnit
  /** As CSS writes it. */
  readonly height: string
  /** How the values are drawn: through points, in steps, or as layers upon each other. */
  readonly form: 'lines' | 'steps' | 'layers'
  /** Charts of one name move their cursors together. */
  readonly together?: string
  readonly window: { readonly from: number; readonly to: number }
  /** A moment to be marked with a word. */
  readonly marked?: { readonly at: number; readonly words: string }
  /** What a point stands for, as words. */
  readonly momentWords: (at: number) => string
  readonly legend?: 'beside' | 'above'
  /** What the legend says of a moment; by default each series with its value. */
  readonly entriesAt?: (at: number) => readonly LegendEntry[]
  /** The moment that the legend is about as long as no other is pointed at; by default the latest with a figure. */
  readonly restAt?: number
  readonly hasTimes?: boolean
  readonly hasMoment?: boolean
}

/** The width of the vertical axis, in rem: charts below each other line up. */
export const axisWidthRem = 4.25
const rightRem = 0.75

/**
 * A chart over time. Arrow keys move its cursor; the values below the cursor, or else the latest, stand in its legend.
 */
export function TimeChart(props: TimeChartProps) {
  const { navigation } = usePage()
  const host = useRef<HTMLDivElement>(null)
  const drawn = useRef<Drawn | undefined>(undefined)
  const cursor = useSignal<number | undefined>(undefined)
  const latest = useRef(props)
  latest.current = props
  const captionId = useId()

  // What cannot be changed in place makes another chart.
  const shape = JSON.stringify([
    props.series.map(({ id, colour, dash, isFilled }) => [id, colour, dash, isFilled]),
    props.form,
    props.unit,
    props.height,
    props.hasTimes,
    props.together,
  ])
  useEffect(() => {
    const element = host.current
    if (element === null) return undefined
    const stop = new AbortController()
    const begin = async () => {
      const made = await draw(element, latest, cursor, stop.signal)
      if (stop.signal.aborted) made?.destroy()
      else drawn.current = made
    }
    void begin()
    return () => {
      stop.abort()
      drawn.current?.destroy()
      drawn.current = undefined
    }
  }, [shape])
  useEffect(() => {
    drawn.current?.update(props)
  })
  useSignalEffect(() => {
    // Canvas knows nothing of a theme: it is painted again when that changes.
    void navigation.place.value.theme
    window.requestAnimationFrame(() => drawn.current?.repaint())
  })

  const at = cursor.value
  const shown = at ?? indexAtRest(props)
  const moment = at === undefined && props.restAt !== undefined ? props.restAt : props.times[shown ?? -1]
  const words = moment === undefined ? 'no figures' : props.momentWords(moment)
  const entries = moment === undefined ? [] : (props.entriesAt?.(moment) ?? seriesEntries(props, shown))
  const readout = entries.map(({ label, words: value }) => `${label} ${value}`).join(', ')
  const end = Math.max(0, props.times.length - 1)
  return (
    <figure class={`chart chart-${props.legend ?? 'above'}`}>
      <figcaption id={captionId} class="unseen">
        {props.label}
      </figcaption>
      <div
        class="canvas"
        role="slider"
        tabIndex={0}
        aria-labelledby={captionId}
        aria-valuemin={0}
        aria-valuemax={end}
        aria-valuenow={shown ?? 0}
        aria-valuetext={`${words}: ${readout}`}
        style={{ height: props.height }}
        onKeyDown={(event) => {
          const next = nextIndex(event.key, shown ?? end, end)
          if (next === undefined) return
          event.preventDefault()
          drawn.current?.point(next)
        }}
        onBlur={() => drawn.current?.point(undefined)}
        ref={host}
      />
      <div class="legend">
        {props.hasMoment !== false && (
          <p class="legend-moment">
            {at === undefined && props.restAt === undefined ? `Latest: ${words}` : words}
          </p>
        )}
        <ul>
          {entries.map((entry) => (
            <li key={entry.id}>
              <Swatch entry={entry} form={props.form} />
              <span class="legend-name" title={entry.label}>
                {entry.label}
              </span>
              <span class="legend-value">{entry.words}</span>
            </li>
          ))}
        </ul>
      </div>
    </figure>
  )
}

function Swatch({ entry, form }: { readonly entry: LegendEntry; readonly form: TimeChartProps['form'] }) {
  const { colour, dash } = entry
  return (
    <svg class="swatch" viewBox="0 0 16 10" aria-hidden="true" style={{ color: `var(--${colour})` }}>
      {form === 'layers' ? (
        <rect x="2" width="12" height="10" rx="2" fill="currentColor" />
      ) : (
        <path
          d="M0 5h16"
          stroke="currentColor"
          stroke-width="2.5"
          stroke-dasharray={dash?.map((length) => length / 1.5).join(' ')}
        />
      )}
    </svg>
  )
}

function seriesEntries(props: TimeChartProps, shown: number | undefined): readonly LegendEntry[] {
  return props.series.map(({ values, ...about }) => ({
    ...about,
    words: valueText(props, values[shown ?? -1]),
  }))
}

function valueText({ unit }: TimeChartProps, value: number | null | undefined): string {
  return unit === 'g/kWh' ? intensity(value) : quantity(value, unit)
}

function indexAtRest({ times, series, restAt }: TimeChartProps): number | undefined {
  if (restAt !== undefined)
    return Math.max(
      0,
      times.findLastIndex((time) => time <= restAt),
    )
  for (let at = times.length - 1; at >= 0; at -= 1) {
    if (series.some(({ values }) => typeof values[at] === 'number')) return at
  }
  return undefined
}

function nextIndex(key: string, from: number, end: number): number | undefined {
  switch (key) {
    case 'ArrowLeft':
      return Math.max(0, from - 1)
    case 'ArrowRight':
      return Math.min(end, from + 1)
    case 'PageUp':
      return Math.max(0, from - 10)
    case 'PageDown':
      return Math.min(end, from + 10)
    case 'Home':
      return 0
    case 'End':
      return end
    default:
      return undefined
  }
}

/** Points that a chart takes: fewer on a narrow screen, where more would only be noise. */
export function mostPoints(onWide: number): number {
  return window.innerWidth < 700 ? Math.round(onWide / 2) : onWide
}

type Drawn = {
  update(props: TimeChartProps): void
  repaint(): void
  point(at: number | undefined): void
  destroy(): void
}

/** Loads the drawing code, which the page does not wait for, and draws. Undefined when `signal` came first. */
async function draw(
  host: HTMLElement,
  latest: { readonly current: TimeChartProps },
  cursor: { value: number | undefined },
  signal: AbortSignal,
): Promise<Drawn | undefined> {
  const { default: UPlot } = await import('uplot')
  if (signal.aborted) return undefined
  const props = latest.current
  const rem = rootPixels()
  const font = `${Math.round(rem * 0.75)}px ${getComputedStyle(document.body).fontFamily}`
  let colour = chartColours(host)
  const order = drawingOrder(props)
  const { stepped, linear } = UPlot.paths
  const paths = props.form === 'steps' ? stepped?.({ align: 1 }) : linear?.()

  const options: uPlot.Options = {
    width: Math.max(10, host.clientWidth),
    height: Math.max(10, host.clientHeight),
    padding: [rem * 0.6, rem * rightRem, props.hasTimes === false ? rem * 0.5 : 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: {
        size: rem * 0.5,
        width: 2,
        stroke: () => colour('surface'),
        fill: (_chart, at) => colour(order[at - 1]?.colour ?? 'ink'),
      },
      ...(props.together === undefined ? {} : { sync: { key: props.together, setSeries: false } }),
    },
    scales: {
      x: { time: true, range: () => rangeOf(latest.current) },
      y: { range: (_chart, _least, greatest) => [0, greatest > 0 ? greatest * 1.12 : 1] },
    },
    axes: [
      {
        show: props.hasTimes !== false,
        font,
        size: rem * 1.75,
        gap: rem * 0.4,
        space: rem * 4.5,
        stroke: () => colour('ink-3'),
        grid: { show: false },
        ticks: { show: true, size: rem * 0.25, width: 1, stroke: () => colour('line-strong') },
        values: (chart, ticks, _axis, _space, increment) => {
          // What would be cut off at the edge is left out.
          const room = chart.width - rem * 1.4
          return axisTimes(ticks, increment).map((text, at) =>
            chart.valToPos(ticks[at] ?? 0, 'x') + rem * axisWidthRem > room ? '' : text,
          )
        },
      },
      {
        font,
        size: rem * axisWidthRem,
        gap: rem * 0.4,
        space: rem * 2.2,
        stroke: () => colour('ink-3'),
        grid: { stroke: () => colour('line'), width: 1 },
        ticks: { show: false },
        values: (_chart, ticks) => [
          ...(props.unit === 'g/kWh' ? ticks.map(String) : axisTexts(ticks, props.unit)),
        ],
      },
    ],
    series: [
      {},
      ...order.map((each): uPlot.Series => {
        const isLayer = props.form === 'layers'
        return {
          label: each.label,
          ...(paths === undefined ? {} : { paths }),
          stroke: () => (isLayer ? colour('surface') : colour(each.colour)),
          width: isLayer ? 0.75 : 1.75,
          ...(each.dash === undefined ? {} : { dash: [...each.dash] }),
          ...(isLayer || each.isFilled === true
            ? { fill: () => colour(each.colour, isLayer ? 0.85 : 0.14) }
            : {}),
          points: { show: false },
          spanGaps: false,
        }
      }),
    ],
    hooks: {
      setCursor: [
        (chart) => {
          const { idx, left } = chart.cursor
          cursor.value = typeof idx === 'number' && left !== undefined && left >= 0 ? idx : undefined
        },
      ],
      draw: [(chart) => drawMark(chart, latest.current, colour, font)],
    },
  }
  const chart = new UPlot(options, dataOf(props), host)
  const follow = new ResizeObserver(() => {
    chart.setSize({ width: Math.max(10, host.clientWidth), height: Math.max(10, host.clientHeight) })
  })
  follow.observe(host)
  const scheme = window.matchMedia('(prefers-color-scheme: dark)')
  const repaint = () => {
    colour = chartColours(host)
    chart.redraw(false)
  }
  scheme.addEventListener('change', repaint)
  return {
    update(next) {
      const data = dataOf(next)
      if (!isSame(data, chart.data)) chart.setData(data)
    },
    repaint,
    point(at) {
      const time = at === undefined ? undefined : chart.data[0][at]
      if (time === undefined) chart.setCursor({ left: -10, top: -10 })
      else chart.setCursor({ left: chart.valToPos(time, 'x'), top: 10 })
    },
    destroy() {
      follow.disconnect()
      scheme.removeEventListener('change', repaint)
      chart.destroy()
      host.replaceChildren()
    },
  }
}

/** Layers are painted from the uppermost down, each over what is behind it. */
function drawingOrder({ form, series }: TimeChartProps): readonly ChartSeries[] {
  return form === 'layers' ? series.toReversed() : series
}

function dataOf(props: TimeChartProps): uPlot.AlignedData {
  const values =
    props.form === 'layers'
      ? stacked(props.series.map(({ values }) => values)).toReversed()
      : props.series.map(({ values }) => values)
  return [props.times.map((time) => time / 1000), ...values.map((each) => [...each])]
}

function isSame(left: uPlot.AlignedData, right: uPlot.AlignedData): boolean {
  return (
    left.length === right.length &&
    left.every((values, at) => {
      const others = right[at]
      return (
        others !== undefined &&
        values.length === others.length &&
        Array.from(values).every((value, index) => value === others[index])
      )
    })
  )
}

function rangeOf({ window }: TimeChartProps): uPlot.Range.MinMax {
  return [window.from / 1000, window.to / 1000]
}

/** A thin line at the marked moment, with its word at the top. */
function drawMark(
  chart: uPlot,
  { marked }: TimeChartProps,
  colour: ReturnType<typeof chartColours>,
  font: string,
): void {
  if (marked === undefined) return
  const { ctx, bbox } = chart
  const x = Math.round(chart.valToPos(marked.at / 1000, 'x', true))
  if (x < bbox.left || x > bbox.left + bbox.width) return
  const ratio = window.devicePixelRatio
  ctx.save()
  ctx.strokeStyle = colour('ink-3')
  ctx.lineWidth = ratio
  ctx.setLineDash([2 * ratio, 3 * ratio])
  ctx.beginPath()
  ctx.moveTo(x, bbox.top)
  ctx.lineTo(x, bbox.top + bbox.height)
  ctx.stroke()
  ctx.font = font.replace(/^(\d+)px/, (_all, size: string) => `${Number(size) * ratio}px`)
  ctx.fillStyle = colour('ink-2')
  ctx.textAlign = 'left'
  ctx.textBaseline = 'top'
  ctx.fillText(marked.words, x + 5 * ratio, bbox.top + 2 * ratio)
  ctx.restore()
}
