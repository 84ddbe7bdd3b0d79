import { useEffect, useState } from 'preact/hooks'
import { type Bounds, boundsOf, day, type TimeRange } from '../address/time-range.ts'
import { type Timeline, timeline as timelineGuard, type Zones } from '../api/answers.ts'
import { timelineQuestion } from '../api/questions.ts'
import { type Asked, useAsked } from '../api/use-asked.ts'
import { slotColour } from '../charts/chart-colours.ts'
import { axisWidthRem, type ChartSeries } from '../charts/draw-chart.ts'
import { TimeChart } from '../charts/time-chart.tsx'
import { colourSlots } from '../figures/colour-slots.ts'
import {
  type IntensityPiece,
  intensityLines,
  pieceAt,
  piecesWithin,
  type Run,
  runsOf,
} from '../figures/intensity-runs.ts'
import { type Method, methodWords } from '../figures/method-words.ts'
import { intensity } from '../figures/quantity-text.ts'
import { fromTo, moment } from '../figures/time-text.ts'
import { usePage } from '../page.ts'
import { Dot } from '../parts/dot.tsx'
import { RangePicker } from '../parts/range-picker.tsx'
import { ScrolledTable } from '../parts/scrolled-table.tsx'
import { Failed, Nothing, Waiting } from '../parts/states.tsx'
import { nameIn } from '../parts/zones-picker.tsx'

const intensityRange: TimeRange = { kind: 'last', seconds: day }
/** How far the forecast is looked at beyond now. */
const aheadSeconds = day

/** How each method is drawn: certain ones plain, expected ones dashed, stand-ins dotted. */
const dashOf: Readonly<Record<Method | 'unknown', readonly number[] | undefined>> = {
  measured: undefined,
  configured: undefined,
  estimated: [10, 3],
  forecast: [5, 5],
  'annual-average': [2, 4],
  unknown: [1, 6],
}

/** How clean the electricity was, is and will be, zone by zone, each figure with its source and method. */
export function Intensity({ directory }: { readonly directory: Zones | undefined }) {
  const { navigation, live, now } = usePage()
  const { zones: chosen, range = intensityRange } = navigation.place.value
  const zones = chosen.length > 0 ? chosen : live.zones.value
  // By the minute, so that its questions do not change with every second.
  const minuteNow = Math.floor(now.value / 60_000) * 60_000
  const bounds = boundsOf(range, minuteNow)
  const window =
    range.kind === 'between' ? bounds : { from: bounds.from, to: bounds.to + aheadSeconds * 1000 }
  const [asked, setAsked] = useState<ReadonlyMap<string, Asked<Timeline>>>(new Map())
  return (
    <>
      <div class="toolbar">
        <RangePicker range={range} />
        {range.kind !== 'between' && (
          <p class="toolbar-words">and the next 24 h, as far as they are forecast</p>
        )}
      </div>
      {zones.map((zone) => (
        <AskedTimeline
          key={zone}
          zone={zone}
          window={window}
          onAsked={(state) => setAsked((before) => new Map([...before, [zone, state]]))}
        />
      ))}
      <Shown zones={zones} asked={asked} window={window} now={minuteNow} directory={directory} />
    </>
  )
}

/** Asks for one zone's timeline: how many zones there are changes, and how often a component asks must not. */
function AskedTimeline({
  zone,
  window,
  onAsked,
}: {
  readonly zone: string
  readonly window: Bounds
  readonly onAsked: (asked: Asked<Timeline>) => void
}) {
  const asked = useAsked(timelineQuestion(zone, window), timelineGuard, 120)
  const mark = asked.kind === 'answered' ? asked.value : asked.kind
  useEffect(() => onAsked(asked), [mark])
  return null
}

type Shown = {
  readonly zone: string
  readonly name: string
  readonly pieces: readonly IntensityPiece[]
  readonly slot: number | undefined
}

/** What is drawn over time. */
type Timelines = {
  readonly shown: readonly Shown[]
  readonly window: Bounds
  readonly now: number
}

function Shown({
  zones,
  asked,
  window,
  now,
  directory,
}: {
  readonly zones: readonly string[]
  readonly asked: ReadonlyMap<string, Asked<Timeline>>
  readonly window: Bounds
  readonly now: number
  readonly directory: Zones | undefined
}) {
  const slots = colourSlots(zones)
  const failed = zones.flatMap((zone) => {
    const state = asked.get(zone)
    return state?.kind === 'failed' ? [{ zone, state }] : []
  })
  const shown = zones.flatMap((zone): readonly Shown[] => {
    const state = asked.get(zone)
    if (state?.kind !== 'answered') return []
    const pieces = piecesWithin(state.value.pieces, window)
    return [{ zone, name: nameIn(directory, zone), pieces, slot: slots.get(zone) }]
  })
  if (failed.length === 0 && shown.length === 0)
    return <Waiting what="the carbon intensities" height="26rem" />
  return (
    <>
      {failed.map(({ zone, state }) => (
        <Failed key={zone} problem={`${nameIn(directory, zone)}: ${state.problem}`} again={state.again} />
      ))}
      {shown.length > 0 && (
        <>
          <NowCards shown={shown} now={now} />
          <section class="card" aria-labelledby="intensity-title">
            <header class="card-head">
              <h2 id="intensity-title">Carbon intensity over time</h2>
              <MethodKey shown={shown} />
            </header>
            <Lines shown={shown} window={window} now={now} />
            <Ribbons shown={shown} window={window} now={now} />
          </section>
          <PiecesTable shown={shown} now={now} />
        </>
      )}
    </>
  )
}

function NowCards({ shown, now }: { readonly shown: readonly Shown[]; readonly now: number }) {
  return (
    <ul class="zone-cards">
      {shown.map(({ zone, name, pieces, slot }) => {
        const present = pieceAt(pieces, now) ?? pieces.findLast(({ from }) => from <= now)
        const past = knownOf(pieces.filter(({ from }) => from <= now))
        const ahead = pieces.filter(
          ({ from, method, gramsPerKwh }) => from > now && method === 'forecast' && gramsPerKwh !== null,
        )
        const cleanest = ahead.toSorted(
          (left, right) => (left.gramsPerKwh ?? 0) - (right.gramsPerKwh ?? 0),
        )[0]
        return (
          <li key={zone} class="zone-card">
            <h2>
              <Dot slot={slot} />
              {name}
            </h2>
            <p class="zone-now">{intensity(present?.gramsPerKwh)}</p>
            <p class="tile-note">
              {present === undefined
                ? 'not known now'
                : `${methodWords(present.method, present.year)}, ${present.source}`}
            </p>
            <p class="tile-note">
              {past.length > 1 && Math.max(...past) > Math.min(...past)
                ? `from ${Math.min(...past).toFixed(0)} to ${intensity(Math.max(...past))} so far`
                : 'the same throughout'}
            </p>
            {cleanest !== undefined && (
              <p class="tile-note">
                cleanest ahead: {moment(cleanest.from, now)}, {intensity(cleanest.gramsPerKwh)}
              </p>
            )}
          </li>
        )
      })}
    </ul>
  )
}

function knownOf(pieces: readonly IntensityPiece[]): readonly number[] {
  return pieces.map(({ gramsPerKwh }) => gramsPerKwh).filter((figure) => figure !== null)
}

/** Which line means which method, for those that are there. */
function MethodKey({ shown }: { readonly shown: readonly Shown[] }) {
  const there = new Set(shown.flatMap(({ pieces }) => pieces.map(({ method }) => method)))
  return (
    <ul class="method-key" aria-label="How lines are drawn">
      {[...there].map((method) => (
        <li key={method}>
          <svg viewBox="0 0 28 8" aria-hidden="true">
            <path d="M0 4h28" stroke-dasharray={dashOf[method]?.join(' ')} />
          </svg>
          {methodWords(method)}
        </li>
      ))}
    </ul>
  )
}

function Lines({ shown, window, now }: Timelines) {
  const { times, lines } = intensityLines(new Map(shown.map(({ zone, pieces }) => [zone, pieces])))
  if (times.length === 0) return <Nothing title="No intensity is known in this time" />
  const series = lines.map(({ zone, method, values }): ChartSeries => {
    const about = shown.find((each) => each.zone === zone)
    const dash = dashOf[method]
    return {
      id: `${zone} ${method}`,
      label: `${about?.name ?? zone}, ${methodWords(method)}`,
      values,
      colour: slotColour(about?.slot),
      ...(dash === undefined ? {} : { dash }),
    }
  })
  return (
    <TimeChart
      label={`Carbon intensity over time in ${shown.map(({ name }) => name).join(', ')}, in grams of CO₂e per kilowatt-hour`}
      times={times}
      series={series}
      unit="g/kWh"
      height="clamp(13rem, 28vh, 30rem)"
      form="steps"
      window={window}
      {...(now > window.from && now < window.to ? { marked: { at: now, words: 'now' }, restAt: now } : {})}
      momentWords={(at) => (at === now ? `Now, ${moment(at, now)}` : `From ${moment(at, now)}`)}
      entriesAt={(at) =>
        shown.map(({ zone, name, pieces, slot }) => {
          const piece = pieceAt(pieces, at)
          const method = piece?.method ?? 'unknown'
          const dash = dashOf[method]
          return {
            id: zone,
            label: name,
            colour: slotColour(slot),
            ...(dash === undefined ? {} : { dash }),
            words: `${intensity(piece?.gramsPerKwh)}, ${methodWords(method, piece?.year)}`,
          }
        })
      }
    />
  )
}

/** For each zone a band below the chart that says whose figures the line above is made of. */
function Ribbons({ shown, window, now }: Timelines) {
  const length = window.to - window.from
  return (
    <div class="ribbons" style={{ '--axis': `${axisWidthRem}rem` }}>
      <h3>Whose figures, and how they were made</h3>
      {shown.map(({ zone, name, pieces }) => (
        <div key={zone} class="ribbon">
          <span class="ribbon-zone">{name}</span>
          <ol>
            {runsOf(pieces).map((run) => (
              <li
                key={`${run.from} ${run.method}`}
                class={`run run-${run.method}`}
                style={{
                  left: `${((run.from - window.from) / length) * 100}%`,
                  width: `${((run.to - run.from) / length) * 100}%`,
                }}
                title={`${fromTo(run, now)}: ${runWords(run)}`}
              >
                <span>{runWords(run)}</span>
              </li>
            ))}
          </ol>
        </div>
      ))}
    </div>
  )
}

function runWords({ method, year, source }: Run): string {
  return method === 'unknown' ? 'not known' : `${methodWords(method, year)} · ${source}`
}

const pieceColumns = [
  { words: 'Zone' },
  { words: 'Time' },
  { words: 'From', isNumber: true },
  { words: 'To', isNumber: true },
  { words: 'Method' },
  { words: 'Source' },
] as const

function PiecesTable({ shown, now }: { readonly shown: readonly Shown[]; readonly now: number }) {
  return (
    <details class="card pieces">
      <summary>The same as a table</summary>
      <ScrolledTable label="Carbon intensities as a table" columns={pieceColumns}>
        {shown.flatMap(({ zone, name, pieces }) =>
          runsOf(pieces).map((run) => (
            <tr key={`${zone} ${run.from}`}>
              <th scope="row">{name}</th>
              <td>{fromTo(run, now)}</td>
              <td class="cell-number">{intensity(run.low)}</td>
              <td class="cell-number">{intensity(run.high)}</td>
              <td>{methodWords(run.method, run.year)}</td>
              <td>{run.source}</td>
            </tr>
          )),
        )}
      </ScrolledTable>
    </details>
  )
}
