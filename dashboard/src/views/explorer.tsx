import { type Dimension, dimensions, type Filters, type Measure, noFilters } from '../address/place.ts'
import { type Bounds, boundsOf, day, isGoingOn, stepFor, type TimeRange } from '../address/time-range.ts'
import { type Emissions, emissions as emissionsGuard } from '../api/answers.ts'
import { emissionsQuestion, type Subject } from '../api/questions.ts'
import { answerOf, useAsked } from '../api/use-asked.ts'
import { slotColour } from '../charts/chart-colours.ts'
import type { ChartSeries } from '../charts/draw-chart.ts'
import { mostPoints, TimeChart } from '../charts/time-chart.tsx'
import { colourSlots } from '../figures/colour-slots.ts'
import { groupRow, nameInFull } from '../figures/group-rows.ts'
import { provenanceWords } from '../figures/method-words.ts'
import { count, energy, percent, quantity } from '../figures/quantity-text.ts'
import { hasValues, restOf, type Values } from '../figures/stack.ts'
import { stepsOf } from '../figures/step-series.ts'
import { duration, moment, secondsOf } from '../figures/time-text.ts'
import { measuredUntil, usePage } from '../page.ts'
import { Choice } from '../parts/choice.tsx'
import { CsvLink } from '../parts/csv-link.tsx'
import { Dot } from '../parts/dot.tsx'
import { Icon } from '../parts/icon.tsx'
import { Link } from '../parts/link.tsx'
import { RangePicker } from '../parts/range-picker.tsx'
import { Answer, Nothing } from '../parts/states.tsx'
import { GroupTable } from './group-table.tsx'

const explorerRange: TimeRange = { kind: 'last', seconds: day }

const groupings: readonly { readonly value: Dimension; readonly words: string }[] = [
  { value: 'namespace', words: 'Namespaces' },
  { value: 'workload', words: 'Workloads' },
  { value: 'pod', words: 'Pods' },
  { value: 'container', words: 'Containers' },
  { value: 'node', words: 'Nodes' },
]
const mostLayers = 7

/** Digs from namespaces to containers, over any time and in several zones. */
export function Explorer() {
  const { navigation, now } = usePage()
  const { zones, filters, grouping, measure, range = explorerRange } = navigation.place.value
  const subject = { range, zones, filters }
  const csv = emissionsQuestion(subject, { groupBy: grouping, limit: 10_000, format: 'csv' }, now.peek())
  return (
    <>
      <div class="toolbar">
        <RangePicker range={range} />
        <Choice
          label="Grouped by"
          options={groupings}
          chosen={grouping}
          onChoose={(value) => navigation.go({ grouping: value })}
        />
        <CsvLink question={csv} />
      </div>
      <Trail filters={filters} />
      <GroupChart subject={subject} grouping={grouping} measure={measure} />
      <GroupTable subject={subject} grouping={grouping} />
    </>
  )
}

/** Which part of all is looked at, and the way back out of it. */
function Trail({ filters }: { readonly filters: Filters }) {
  const set = dimensions.filter((dimension) => filters[dimension].length > 0)
  if (set.length === 0) return null
  return (
    <nav class="trail" aria-label="What is looked at">
      <ol>
        <li>
          <Link to={{ filters: noFilters, grouping: 'namespace', search: '' }}>Everything</Link>
        </li>
        {set.map((dimension, at) => {
          const isLast = at === set.length - 1
          const upTo = set.slice(0, at + 1)
          const kept = Object.fromEntries(upTo.map((each) => [each, filters[each]]))
          const words = `${dimension} ${filters[dimension].join(', ')}`
          return (
            <li key={dimension}>
              <Icon name="next" />
              {isLast ? (
                <span aria-current="true">{words}</span>
              ) : (
                <Link
                  to={{
                    filters: { ...noFilters, ...kept },
                    grouping: dimension === 'namespace' || dimension === 'workload' ? 'pod' : 'container',
                    search: '',
                  }}
                >
                  {words}
                </Link>
              )}
            </li>
          )
        })}
      </ol>
    </nav>
  )
}

function GroupChart({
  subject,
  grouping,
  measure,
}: {
  readonly subject: Subject
  readonly grouping: Dimension
  readonly measure: Measure
}) {
  const { navigation, now } = usePage()
  const { range } = subject
  const window = boundsOf(range, now.value)
  const stepSeconds = stepFor((window.to - window.from) / 1000, mostPoints(160))
  const asked = useAsked(
    emissionsQuestion(
      subject,
      {
        groupBy: grouping,
        limit: mostLayers,
        stepSeconds,
        sort: measure === 'power' ? 'energy_j' : 'co2_g',
      },
      now.peek(),
    ),
    emissionsGuard,
    isGoingOn(range) ? Math.max(20, stepSeconds / 2) : undefined,
  )
  const options: readonly { readonly value: Measure; readonly words: string }[] = [
    { value: 'co2', words: 'CO₂e' },
    { value: 'power', words: 'Power' },
    { value: 'zones', words: 'Zones' },
  ]
  return (
    <section class="card explorer-chart" aria-labelledby="chart-title">
      <header class="card-head">
        <h2 id="chart-title">
          Over time <span class="card-sub">{chartWords(measure, answerOf(asked))}</span>
        </h2>
        <Choice
          label="What the chart shows"
          options={options}
          chosen={measure}
          onChoose={(value) => navigation.go({ measure: value }, 'replaced')}
        />
      </header>
      <Answer asked={asked} what="the chart" height="21rem">
        {(answer) => (
          <>
            <Totals answer={answer} />
            <Layers answer={answer} grouping={grouping} measure={measure} window={window} />
          </>
        )}
      </Answer>
    </section>
  )
}

function chartWords(measure: Measure, answer: Emissions | undefined): string {
  if (measure === 'power') return 'mean power'
  if (measure === 'zones') return 'grams of CO₂e per hour, had it run in each zone'
  const home = answer?.zones[0]?.name
  return `grams of CO₂e per hour${home === undefined ? '' : ` in ${home}`}`
}

/** The sums of what is looked at, each zone with what its figure rests on. */
function Totals({ answer }: { readonly answer: Emissions }) {
  const { total, zones, coverage, warnings } = answer
  const slots = colourSlots(zones.map(({ zone }) => zone))
  const lengthSeconds = secondsOf(answer)
  return (
    <>
      <dl class="totals">
        {zones.map((zone) => (
          <div key={zone.zone}>
            <dt>
              <Dot slot={slots.get(zone.zone)} />
              {zone.name}
            </dt>
            <dd class="total">{quantity(zone.co2_g, 'g')}</dd>
            <dd class="total-note">{provenanceWords(zone.provenance)}</dd>
          </div>
        ))}
        <div>
          <dt>Energy</dt>
          <dd class="total">{energy(total.energy_j)}</dd>
          <dd class="total-note">mean {quantity(total.mean_power_w, 'W')}</dd>
        </div>
        <div>
          <dt>Measured</dt>
          <dd class="total">{percent(coverage)}</dd>
          <dd class="total-note">
            {duration(coverage * lengthSeconds)} of {duration(lengthSeconds)}
          </dd>
        </div>
      </dl>
      {warnings.map((warning) => (
        <p key={warning} class="unrefreshed">
          <Icon name="care" />
          <span>{warning}</span>
        </p>
      ))}
    </>
  )
}

function Layers({
  answer,
  grouping,
  measure,
  window,
}: {
  readonly answer: Emissions
  readonly grouping: Dimension
  readonly measure: Measure
  readonly window: Bounds
}) {
  const page = usePage()
  const steps = stepsOf(answer, Math.min(window.to, measuredUntil(page)))
  const home = answer.zones[0]
  const layers =
    measure === 'zones'
      ? { series: zoneLines(answer, steps.rate) }
      : groupLayers(answer, grouping, measure, steps)
  const { series } = layers
  if (!hasValues(series.map(({ values }) => values))) {
    return answer.coverage > 0 ? (
      <Nothing title="Not measured for long enough to be drawn">
        What was measured is counted above, and in the table.
      </Nothing>
    ) : (
      <Nothing title="Nothing was measured in this time">Choose a longer one, or look further out.</Nothing>
    )
  }
  const what = measure === 'power' ? 'Power in watts' : 'Grams of CO₂e per hour'
  return (
    <>
      <TimeChart
        label={`${what} over time, by ${measure === 'zones' ? 'zone' : grouping}${measure === 'co2' ? ` in ${home?.name ?? ''}` : ''}`}
        times={steps.middles}
        series={series}
        unit={measure === 'power' ? 'W' : 'g/h'}
        height="clamp(13rem, 28vh, 30rem)"
        form={measure === 'zones' ? 'lines' : 'layers'}
        window={window}
        legend="beside"
        momentWords={(at) =>
          `${moment(at - steps.seconds * 500, page.now.value)}, mean of ${duration(steps.seconds)}`
        }
      />
      {layers.notDrawn !== undefined && <p class="card-foot">{layers.notDrawn}</p>}
    </>
  )
}

type Cut = ReturnType<typeof stepsOf>

type Drawn = { readonly series: readonly ChartSeries[]; readonly notDrawn?: string }

/** Beyond this share of all, everything else would leave nothing to be seen of the greatest. */
const greatestRest = 0.6

/** The greatest groups, and everything else on top of them where that leaves room for them. */
function groupLayers(answer: Emissions, grouping: Dimension, measure: Measure, steps: Cut): Drawn {
  const home = answer.zones[0]?.zone ?? ''
  type Held = { readonly mean_power_w: Values; readonly co2_g: Readonly<Record<string, Values>> }
  const valuesOf = (held: Held | undefined) =>
    held === undefined
      ? []
      : measure === 'power'
        ? steps.cut(held.mean_power_w)
        : steps.rate(held.co2_g[home] ?? [], 3600)
  const rows = answer.groups.map((group) => ({
    row: groupRow(group, grouping),
    values: valuesOf(group.series),
  }))
  // By name, so that a colour does not change with the order of the day.
  const slots = colourSlots(rows.map(({ row }) => row.id).toSorted())
  const layers = rows.map(({ row, values }) => ({
    id: row.id,
    label: nameInFull(row),
    values,
    colour: slotColour(slots.get(row.id)),
  }))
  const others = answer.group_count - rows.length
  if (others <= 0) return { series: layers }
  const rest = restOf(
    valuesOf(answer.total.series),
    layers.map(({ values }) => values),
  )
  const drawn = sumOf(layers.flatMap(({ values }) => values))
  const restShare = sumOf(rest) / (sumOf(rest) + drawn)
  if (restShare > greatestRest) {
    return {
      series: layers,
      notDrawn: `These are the ${layers.length} greatest. ${count(others)} others, which together are ${percent(restShare)} of it, are not drawn; the table has them all.`,
    }
  }
  return {
    series: [
      ...layers,
      { id: 'rest', label: `${count(others)} others`, values: rest, colour: slotColour(undefined) },
    ],
  }
}

function sumOf(values: Values): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0)
}

function zoneLines(answer: Emissions, rate: Cut['rate']): readonly ChartSeries[] {
  const slots = colourSlots(answer.zones.map(({ zone }) => zone))
  return answer.zones.map(({ zone, name }, at) => ({
    id: zone,
    label: name,
    values: rate(answer.total.series?.co2_g[zone] ?? [], 3600),
    colour: slotColour(slots.get(zone)),
    // The second and later ones are told apart without their colour as well.
    ...(at === 0 ? {} : { dash: dashes[(at - 1) % dashes.length] ?? [] }),
  }))
}

const dashes: readonly (readonly number[])[] = [
  [8, 4],
  [2, 3],
  [12, 3, 2, 3],
  [5, 5],
  [14, 5],
]
