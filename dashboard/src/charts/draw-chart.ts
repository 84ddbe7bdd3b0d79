import type uPlot from 'uplot'
import { lonelyValues } from '../figures/lonely-values.ts'
import { axisTexts } from '../figures/quantity-text.ts'
import { stacked, type Values } from '../figures/stack.ts'
import { axisTimes } from '../figures/time-text.ts'
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

/** What is drawn of a chart over time. */
export type Drawing = {
  /** Milliseconds since 1970, ascending. */
  readonly times: readonly number[]
  readonly series: readonly ChartSeries[]
  readonly unit: ChartUnit
  /** How the values are drawn: through points, in steps, or as layers upon each other. */
  readonly form: 'lines' | 'steps' | 'layers'
  /** Charts of one name move their cursors together. */
  readonly together?: string
  readonly window: { readonly from: number; readonly to: number }
  /** A moment to be marked with a word. */
  readonly marked?: { readonly at: number; readonly words: string }
  readonly hasTimes?: boolean
}

/** The width of the vertical axis, in rem: charts below each other line up. */
export const axisWidthRem = 4.25
const rightRem = 0.75

/** A chart that is drawn. */
export type Drawn = {
  update(props: Drawing): void
  repaint(): void
  point(at: number | undefined): void
  destroy(): void
}

/** Loads the drawing code, which the page does not wait for, and draws. Undefined when `signal` came first. */
export async function draw(
  host: HTMLElement,
  latest: { readonly current: Drawing },
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
          points: {
            show: true,
            size: rem * 0.3,
            width: 0,
            fill: () => colour(each.colour),
            filter: (chart, at) => [
              ...lonelyValues(Array.from(chart.data[at] ?? [], (value) => value ?? null)),
            ],
          },
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
function drawingOrder({ form, series }: Drawing): readonly ChartSeries[] {
  return form === 'layers' ? series.toReversed() : series
}

function dataOf(props: Drawing): uPlot.AlignedData {
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

function rangeOf({ window }: Drawing): uPlot.Range.MinMax {
  return [window.from / 1000, window.to / 1000]
}

/** A thin line at the marked moment, with its word at the top. */
function drawMark(
  chart: uPlot,
  { marked }: Drawing,
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
