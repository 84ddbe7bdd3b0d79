import { noFilters } from '../address/place.ts'
import { lastHour, minute, type TimeRange } from '../address/time-range.ts'
import {
  type Emissions,
  emissions as emissionsGuard,
  type Targets,
  targets as targetsGuard,
} from '../api/answers.ts'
import { emissionsQuestion } from '../api/questions.ts'
import { answerOf, useAsked } from '../api/use-asked.ts'
import { beganWithin } from '../figures/step-series.ts'
import { usePage } from '../page.ts'
import { Failed, Nothing } from '../parts/states.tsx'
import { Elsewhere } from './elsewhere.tsx'
import { NowFigure, TodayFigure, TrendFigure, TrustFigure } from './headline.tsx'
import { PowerChart } from './power-chart.tsx'
import { TopEmitters } from './top-emitters.tsx'

const refreshSeconds = 20
const firstMinutes = { kind: 'last', seconds: 15 * minute } as const

/** The last hour, unless most of it would be empty: measuring began only minutes ago. */
function usualRange(hour: Emissions | undefined): TimeRange {
  const begun = hour && beganWithin(hour)
  return begun !== undefined && begun.secondsAgo < firstMinutes.seconds ? firstMinutes : lastHour
}

/** In five seconds: how much now and today, rising or not, who, what elsewhere, and whether to believe it. */
export function Overview() {
  const { navigation, live } = usePage()
  const { zones, range: chosen } = navigation.place.value
  const hour = useAsked(
    emissionsQuestion({ range: lastHour, zones, filters: noFilters }, { stepSeconds: 60 }, Date.now()),
    emissionsGuard,
    refreshSeconds,
  )
  const askedTargets = useAsked('api/v1/targets', targetsGuard, refreshSeconds)
  const targets = answerOf(askedTargets)
  if (hour.kind === 'failed') return <Failed problem={hour.problem} again={hour.again} />
  const lastHourAnswer = answerOf(hour)
  const range = chosen ?? usualRange(lastHourAnswer)
  const isEmpty = lastHourAnswer?.samples === 0 && live.totals.value.history.length === 0
  return (
    <>
      {isEmpty && (
        <Nothing title="Nothing has been measured yet">
          <p>
            The first figures come with the second scrape of a target; there is one every{' '}
            {live.intervalSeconds.value} s.{' '}
            {targets !== undefined && targets.targets.length > 0 && firstTargetWords(targets.targets)}
          </p>
        </Nothing>
      )}
      <section class="headline" aria-label="At a glance">
        <NowFigure hour={lastHourAnswer} targets={targets} />
        <TodayFigure />
        <TrendFigure hour={lastHourAnswer} />
        <TrustFigure
          hour={lastHourAnswer}
          targets={targets}
          isWaiting={lastHourAnswer === undefined || askedTargets.kind === 'waiting'}
        />
      </section>
      <div class="overview-grid">
        <PowerChart range={range} targets={targets} />
        <TopEmitters range={range} />
        <Elsewhere range={range} />
      </div>
    </>
  )
}

function firstTargetWords(targets: Targets['targets']): string {
  const failing = targets.find(({ last_error: error }) => error !== null)
  if (failing !== undefined) return `${failing.target} says: ${failing.last_error}`
  return `${targets.length === 1 ? 'One target is' : `${targets.length} targets are`} being read.`
}
