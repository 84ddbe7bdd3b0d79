import { noFilters } from '../address/place.ts'
import {
  type Bounds,
  boundsOf,
  day,
  hour,
  isGoingOn,
  minute,
  rangeInAddress,
  stepFor,
  type TimeRange,
} from '../address/time-range.ts'
import { type Emissions, emissions as emissionsGuard, type Targets } from '../api/answers.ts'
import { emissionsQuestion } from '../api/questions.ts'
import { useAsked } from '../api/use-asked.ts'
import { mostPoints, TimeChart } from '../charts/time-chart.tsx'
import type { LivePoint } from '../figures/live-totals.ts'
import { hasValues, type Values } from '../figures/stack.ts'
import { stepsOf } from '../figures/step-series.ts'
import { clock, duration, moment } from '../figures/time-text.ts'
import { answeringOf } from '../figures/trust.ts'
import { measuredUntil, usePage } from '../page.ts'
import { Choice } from '../parts/choice.tsx'
import { rangeWords } from '../parts/range-picker.tsx'
import { Answer, Nothing } from '../parts/states.tsx'

const offered = [
  { value: '15m', words: '15 min' },
  { value: '1h', words: '1 h' },
  { value: '6h', words: '6 h' },
  { value: '1d', words: '24 h' },
  { value: '7d', words: '7 d' },
] as const
const secondsOf = { '15m': 15 * minute, '1h': hour, '6h': 6 * hour, '1d': day, '7d': 7 * day } as const

/** Grams per hour and watts over time, one above the other; what the stream tells goes on where the answer ends. */
export function PowerChart({
  range,
  targets,
}: {
  readonly range: TimeRange
  readonly targets: Targets | undefined
}) {
  const { navigation, now } = usePage()
  const { zones } = navigation.place.value
  const { from, to } = boundsOf(range, now.value)
  const stepSeconds = stepFor((to - from) / 1000, mostPoints(180))
  const asked = useAsked(
    emissionsQuestion({ range, zones, filters: noFilters }, { stepSeconds }, now.peek()),
    emissionsGuard,
    isGoingOn(range) ? Math.max(10, stepSeconds / 2) : undefined,
  )
  const address = rangeInAddress(range)
  return (
    <section class="card power" aria-labelledby="power-title">
      <header class="card-head">
        <h2 id="power-title">
          Emissions and power <span class="card-sub">{rangeWords(range, now.value).toLowerCase()}</span>
        </h2>
        <Choice
          label="Time that is shown"
          options={offered}
          chosen={offered.find(({ value }) => value === address)?.value}
          onChoose={(value) =>
            navigation.go({ range: { kind: 'last', seconds: secondsOf[value] } }, 'replaced')
          }
        />
      </header>
      <Answer asked={asked} what="the chart of emissions and power" height="19rem">
        {(answer) => <Panels answer={answer} window={{ from, to }} targets={targets} />}
      </Answer>
    </section>
  )
}

function Panels({
  answer,
  window,
  targets,
}: {
  readonly answer: Emissions
  readonly window: Bounds
  readonly targets: Targets | undefined
}) {
  const page = usePage()
  const { live, now } = page
  const zone = answer.zones[0]
  const steps = stepsOf(answer, Math.min(window.to, measuredUntil(page)))
  const series = answer.total.series
  const watts = series === undefined ? [] : steps.cut(series.mean_power_w)
  const grams = series === undefined ? [] : steps.rate(series.co2_g[zone?.zone ?? ''] ?? [], 3600)
  const end = (steps.middles.at(-1) ?? window.from) + steps.seconds * 500
  const answering = targets === undefined ? Infinity : answeringOf(targets.targets)
  const since =
    steps.seconds <= minute
      ? live.totals.value.history.filter((point) => point.at > end && point.targets >= answering)
      : []
  const { times, ...values } = withLive({ times: steps.middles, watts, grams }, since, zone?.zone ?? '')
  if (!hasValues([values.watts])) {
    return answer.coverage > 0 ? (
      <Nothing title="Not measured for long enough to be drawn">The next scrapes will be.</Nothing>
    ) : (
      <Nothing title="Nothing was measured in this time">A longer one may show more.</Nothing>
    )
  }
  const words = (at: number) =>
    at > end
      ? `${clock(at, 'seconds')}, one scrape`
      : `${moment(at - steps.seconds * 500, now.value)}, mean of ${duration(steps.seconds)}`
  const common = { times, form: 'lines', together: 'power', window, momentWords: words } as const
  return (
    <div class="panels">
      <TimeChart
        {...common}
        label="Emissions over time, in grams of CO₂e per hour"
        unit="g/h"
        height="clamp(8.5rem, 26vh - 4.75rem, 34rem)"
        hasTimes={false}
        series={[
          {
            id: 'grams',
            label: `CO₂e in ${zone?.name ?? ''}`,
            values: values.grams,
            colour: 'accent',
            isFilled: true,
          },
        ]}
      />
      <TimeChart
        {...common}
        label="Power over time, in watts"
        hasMoment={false}
        unit="W"
        height="clamp(6rem, 19vh - 3.5rem, 24rem)"
        series={[{ id: 'watts', label: 'Power', values: values.watts, colour: 'ink-2' }]}
      />
    </div>
  )
}

function withLive(
  answered: { readonly times: readonly number[]; readonly watts: Values; readonly grams: Values },
  points: readonly LivePoint[],
  zone: string,
) {
  return {
    times: [...answered.times, ...points.map(({ at }) => at)],
    watts: [...answered.watts, ...points.map(({ watts }) => watts)],
    grams: [...answered.grams, ...points.map(({ gramsPerHour }) => gramsPerHour[zone] ?? null)],
  }
}
