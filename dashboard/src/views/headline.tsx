import type { ComponentChildren } from 'preact'
import { noFilters } from '../address/place.ts'
import { midnightBefore } from '../address/time-range.ts'
import {
  type Emissions,
  emissions as emissionsGuard,
  type Targets,
  type ZoneFigures,
} from '../api/answers.ts'
import { emissionsQuestion, hourQuestion } from '../api/questions.ts'
import { type Asked, answerOf, useAsked } from '../api/use-asked.ts'
import { Meter } from '../charts/range-bars.tsx'
import { likelyWords } from '../figures/comparison-words.ts'
import { methodOf, methodWords, provenanceWords } from '../figures/method-words.ts'
import { energy, intensity, quantity, quantityText } from '../figures/quantity-text.ts'
import { stalenessAt } from '../figures/staleness.ts'
import { beganWithin, stepsOf } from '../figures/step-series.ts'
import { clock, duration } from '../figures/time-text.ts'
import { causeOf, changeText, type Period, type Trend, trendBetween } from '../figures/trend.ts'
import { answeringOf, trustIn } from '../figures/trust.ts'
import { measuredUntil, type Page, usePage } from '../page.ts'
import { FigureText } from '../parts/figure-text.tsx'
import { Icon } from '../parts/icon.tsx'
import { Link } from '../parts/link.tsx'
import { Mark } from '../parts/mark.tsx'

function Tile({
  title,
  className,
  children,
}: {
  readonly title: string
  readonly className: string
  readonly children: ComponentChildren
}) {
  return (
    <div class={`tile ${className}`}>
      <h2>{title}</h2>
      {children}
    </div>
  )
}

function TileWaiting({ what }: { readonly what: string }) {
  return (
    <p class="tile-waiting" role="status">
      <span class="unseen">Loading {what}</span>
    </p>
  )
}

/** A rate, and what it is the rate of. */
type Rate = {
  readonly gramsPerHour: number | null
  readonly watts: number
  readonly when: string
  readonly isLast: boolean
  readonly method: string
}

/** The rate of the latest scrapes of all targets; until all were heard of, the mean of the latest minute that is measured. */
function rateNow(page: Page, hour: Emissions | undefined, targets: Targets | undefined): Rate | undefined {
  const { live, now } = page
  const home = live.zones.value[0] ?? hour?.zones[0]?.zone
  const point = live.totals.value.history.at(-1)
  const answering = targets === undefined ? Infinity : answeringOf(targets.targets)
  const heard = { lastAt: point?.at, since: now.value, intervalSeconds: live.intervalSeconds.value }
  const isStale = stalenessAt(now.value, heard).kind === 'stale'
  if (point !== undefined && home !== undefined && point.targets >= answering) {
    return {
      gramsPerHour: point.gramsPerHour[home] ?? null,
      watts: point.watts,
      when: isStale ? `last known, ${clock(point.at, 'seconds')}` : 'at the last scrape',
      isLast: isStale,
      method: methodWords(methodOf(live.last.value?.intensity_method[home]), yearOf(hour?.zones[0])),
    }
  }
  const minute = hour === undefined ? undefined : lastMinute(hour, measuredUntil(page))
  const zone = hour?.zones[0]
  if (hour === undefined || minute === undefined || zone === undefined) return undefined
  return {
    gramsPerHour: minute.gramsPerHour,
    watts: minute.watts,
    when: `mean of ${clock(minute.from)} to ${clock(minute.from + minute.seconds * 1000)}`,
    isLast: now.value - minute.from > 5 * 60_000,
    method: provenanceWords(zone.provenance),
  }
}

function yearOf(zone: ZoneFigures | undefined): number | undefined {
  return zone?.provenance.findLast(({ intensity_year: year }) => year !== undefined)?.intensity_year
}

function lastMinute(hour: Emissions, until: number) {
  const zone = hour.zones[0]?.zone
  const series = hour.total.series
  if (series === undefined || zone === undefined) return undefined
  const steps = stepsOf(hour, until)
  const watts = steps.cut(series.mean_power_w)
  const grams = steps.rate(series.co2_g[zone] ?? [], 3600)
  const at = watts.findLastIndex((value) => value !== null && value > 0)
  const middle = steps.middles[at]
  const power = watts[at]
  if (middle === undefined || typeof power !== 'number') return undefined
  return {
    watts: power,
    gramsPerHour: grams[at] ?? null,
    from: middle - steps.seconds * 500,
    seconds: steps.seconds,
  }
}

export function NowFigure({
  hour,
  targets,
}: {
  readonly hour: Emissions | undefined
  readonly targets: Targets | undefined
}) {
  const page = usePage()
  const rate = rateNow(page, hour, targets)
  const zoneName = hour?.zones[0]?.name
  return (
    <Tile title={rate?.isLast === true ? 'Emitted at last' : 'Emitting now'} className="tile-now">
      {rate === undefined ? (
        hour === undefined ? (
          <TileWaiting what="the present rate" />
        ) : (
          <p class="big big-old">
            <FigureText text={quantityText(null, 'g/h')} />
          </p>
        )
      ) : (
        <>
          <p class={rate.isLast ? 'big big-old' : 'big'}>
            <FigureText text={quantityText(rate.gramsPerHour, 'g/h')} />
          </p>
          <p class="tile-how">
            {quantity(rate.watts, 'W')}
            {rate.gramsPerHour !== null && rate.watts > 0 && (
              <> × {intensity((rate.gramsPerHour / rate.watts) * 1000)}</>
            )}
            {zoneName !== undefined && <> in {zoneName}</>}
          </p>
          <p class="tile-note">
            {rate.when} · intensity {rate.method}
          </p>
        </>
      )}
    </Tile>
  )
}

export function TodayFigure() {
  const { navigation, now } = usePage()
  const { zones } = navigation.place.value
  const midnight = midnightBefore(now.value)
  const today = useAsked(
    emissionsQuestion({ range: { kind: 'today' }, zones, filters: noFilters }, {}, midnight),
    emissionsGuard,
    30,
  )
  const answer = answerOf(today)
  const zone = answer?.zones[0]
  const likely = zone && likelyWords({ low: zone.co2_g_low, high: zone.co2_g_high })
  const passed = (now.value - midnight) / 1000
  return (
    <Tile title="Today, since midnight" className="tile-today">
      {answer === undefined || zone === undefined ? (
        <TileWaiting what="today’s total" />
      ) : (
        <>
          <p class={answer.coverage > 0 ? 'big' : 'big big-old'}>
            <FigureText text={quantityText(answer.coverage > 0 ? zone.co2_g : null, 'g')} />
          </p>
          <p class="tile-how">
            {answer.coverage > 0 ? energy(answer.total.energy_j) : 'nothing was measured'}
            {likely !== undefined && `, ${likely}`}
          </p>
          <Meter share={answer.coverage} label="Share of today that was measured">
            <span class="tile-note">
              {answer.coverage > 0.995
                ? `covers all of the ${duration(passed)} of today`
                : `covers ${duration(answer.coverage * passed)} of today’s ${duration(passed)}`}
            </span>
          </Meter>
        </>
      )}
    </Tile>
  )
}

export function TrendFigure({ hour }: { readonly hour: Emissions | undefined }) {
  const { navigation } = usePage()
  const { zones } = navigation.place.value
  const yesterday = useAsked(hourQuestion(zones, 24), emissionsGuard, 300)
  const dayTrend = hour === undefined ? undefined : trendOf(yesterday, hour)
  const needsOther = dayTrend?.kind === 'not-comparable'
  const before = useAsked(needsOther ? hourQuestion(zones, 1) : undefined, emissionsGuard, 300)
  const hourTrend = needsOther && hour !== undefined ? trendOf(before, hour) : undefined
  const isDay = dayTrend?.kind === 'compared'
  const trend = isDay ? dayTrend : hourTrend
  return (
    <Tile
      title={needsOther ? 'Last hour, against the one before' : 'Last hour, against yesterday’s'}
      className="tile-trend"
    >
      {trend === undefined ? (
        <TileWaiting what="the trend" />
      ) : trend.kind === 'compared' ? (
        <>
          <p class="big">
            <span class={`trend trend-${trend.direction}`}>
              <Icon name={trend.direction} />
              <span class="digits">{changeText(trend.change)}</span>
            </span>
          </p>
          <p class="tile-how">
            {trend.direction === 'level' ? 'about level' : trend.direction === 'up' ? 'rising' : 'falling'}:{' '}
            {causeOf(trend)}
          </p>
          <p class="tile-note">
            {isDay
              ? 'with the same hour of yesterday'
              : dayTrend?.kind === 'not-comparable'
                ? `not with yesterday: ${dayTrend.because}`
                : ''}
          </p>
        </>
      ) : (
        <>
          <p class="big big-none">no trend yet</p>
          <p class="tile-how">{trend.because}</p>
          <p class="tile-note">an hour is compared when both are measured for 90 % at least</p>
        </>
      )}
    </Tile>
  )
}

function trendOf(earlier: Asked<Emissions>, hour: Emissions): Trend | undefined {
  if (earlier.kind === 'waiting') return undefined
  if (earlier.kind === 'failed') return { kind: 'not-comparable', because: earlier.problem }
  return trendBetween(periodOf(earlier.value), periodOf(hour))
}

function periodOf({ total, coverage, zones: [home] }: Emissions): Period {
  return { joules: total.energy_j, grams: home?.co2_g ?? null, coverage }
}

export function TrustFigure({
  hour,
  targets,
  isWaiting,
}: {
  readonly hour: Emissions | undefined
  /** Undefined also where who asks may not see them. */
  readonly targets: Targets | undefined
  readonly isWaiting: boolean
}) {
  const zone = hour?.zones[0]
  const trust = trustIn({
    targets: targets?.targets,
    coverage: hour?.coverage,
    begun: hour && beganWithin(hour),
    intensity:
      zone === undefined || hour === undefined || hour.total.energy_j === 0
        ? undefined
        : {
            provenance: zone.provenance,
            worstAgeSeconds: zone.worst_age_s,
            joulesWithout: zone.energy_without_intensity_j,
          },
  })
  return (
    <Tile title="Trust" className="tile-trust">
      {isWaiting ? (
        <TileWaiting what="how far the figures can be trusted" />
      ) : (
        <>
          <p class="verdict">
            <Mark level={trust.level}>{trust.verdict}</Mark>
          </p>
          <ul class="statements">
            {trust.statements.map(({ level, words }) => (
              <li key={words}>
                <Mark level={level}>{words}</Mark>
              </li>
            ))}
          </ul>
          <p class="tile-note">
            <Link to={{ view: 'quality' }}>Data quality</Link>
          </p>
        </>
      )}
    </Tile>
  )
}
