import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useId, useRef } from 'preact/hooks'
import { intensity, quantity } from '../figures/quantity-text.ts'
import { usePage } from '../page.ts'
import type { ColourName } from './chart-colours.ts'
import { type Drawing, type Drawn, draw } from './draw-chart.ts'

/** A line of the legend. */
export type LegendEntry = {
  readonly id: string
  readonly label: string
  readonly colour: ColourName
  readonly dash?: readonly number[]
  readonly words: string
}

export type TimeChartProps = Drawing & {
  /** What it shows, for those who do not see it. */
  readonly label: string
  /** As CSS writes it. */
  readonly height: string
  /** What a point stands for, as words. */
  readonly momentWords: (at: number) => string
  /** Where the legend is; above the chart by default. */
  readonly legend?: 'beside'
  /** What the legend says of a moment; by default each series with its value. */
  readonly entriesAt?: (at: number) => readonly LegendEntry[]
  /** The moment that the legend is about as long as no other is pointed at; by default the latest with a figure. */
  readonly restAt?: number
  readonly hasMoment?: boolean
}

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
