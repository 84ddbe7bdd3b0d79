import { dimensions, noFilters } from '../address/place.ts'
import { day, isGoingOn, type TimeRange } from '../address/time-range.ts'
import {
  type Comparison as Compared,
  comparison as comparisonGuard,
  type RankedZone,
} from '../api/answers.ts'
import { comparisonQuestion } from '../api/questions.ts'
import { useAsked } from '../api/use-asked.ts'
import { slotColour } from '../charts/chart-colours.ts'
import { RangeBar } from '../charts/range-bars.tsx'
import { colourSlots } from '../figures/colour-slots.ts'
import {
  type Difference,
  differenceBetween,
  isRange,
  likelyOf,
  likelyWords,
  standstillWords,
} from '../figures/comparison-words.ts'
import { isStandIn, methodOf, provenanceWords } from '../figures/method-words.ts'
import { count, energy, intensity, percent, quantity } from '../figures/quantity-text.ts'
import { ranksShown } from '../figures/ranks-shown.ts'
import { duration, secondsOf } from '../figures/time-text.ts'
import { usePage } from '../page.ts'
import { Icon } from '../parts/icon.tsx'
import { Link } from '../parts/link.tsx'
import { RangePicker } from '../parts/range-picker.tsx'
import { Answer, Nothing } from '../parts/states.tsx'
import { Shifted } from './shifted.tsx'

const comparisonRange: TimeRange = { kind: 'last', seconds: day }

/** The same energy in every zone: where it would have emitted less, by how much, and whether the figures can tell. */
export function Comparison() {
  const { navigation, now } = usePage()
  const { zones, filters, range = comparisonRange } = navigation.place.value
  const asked = useAsked(
    comparisonQuestion({ range, zones, filters }, now.peek()),
    comparisonGuard,
    isGoingOn(range) ? 60 : undefined,
  )
  const work = dimensions.flatMap((dimension) => filters[dimension].map((name) => `${dimension} ${name}`))
  return (
    <>
      <div class="toolbar">
        <RangePicker range={range} />
        <p class="toolbar-words">
          {work.length === 0 ? (
            'All work'
          ) : (
            <>
              {work.join(', ')} · <Link to={{ filters: noFilters }}>all work</Link>
            </>
          )}
        </p>
      </div>
      <Answer asked={asked} what="the comparison" height="30rem">
        {(answer) => <Ranked answer={answer} chosen={zones} />}
      </Answer>
      <Shifted />
    </>
  )
}

function Ranked({ answer, chosen }: { readonly answer: Compared; readonly chosen: readonly string[] }) {
  const home = answer.zones.find(({ zone }) => zone === answer.home)
  const best = answer.zones[0]
  if (home === undefined || best === undefined || !(answer.energy_j > 0)) {
    return <Nothing title="Nothing was measured in this time">There is no energy to compare.</Nothing>
  }
  const greatest = Math.max(...answer.zones.map((zone) => likelyOf(zone).high))
  const slots = colourSlots(chosen.length > 0 ? chosen : [answer.home])
  const { navigation } = usePage()
  const { isWhole } = navigation.place.value
  const shown = ranksShown(
    answer.zones,
    ({ zone }) => isWhole || zone === answer.home || chosen.includes(zone),
  )
  return (
    <>
      <Meaning answer={answer} home={home} best={best} chosen={chosen} />
      <section class="card" aria-labelledby="ranked-title">
        <header class="card-head">
          <h2 id="ranked-title">
            {energy(answer.energy_j)} in {answer.zones.length} zones
          </h2>
          <p class="key" aria-hidden="true">
            <span class="key-bar" /> CO₂e <span class="key-likely" /> likely from, to
          </p>
          <button
            type="button"
            class="button"
            aria-pressed={isWhole}
            onClick={() => navigation.go({ isWhole: !isWhole }, 'replaced')}
          >
            {isWhole ? 'Only some' : `All ${count(answer.zones.length)}`}
          </button>
        </header>
        <table class="ranked">
          <thead>
            <tr>
              <th scope="col">Zone</th>
              <th scope="col" class="cell-bar">
                <span class="unseen">CO₂e as a bar</span>
              </th>
              <th scope="col" class="cell-number">
                CO₂e
              </th>
              <th scope="col" class="cell-number cell-likely">
                Likely
              </th>
              <th scope="col">Against {home.name}</th>
              <th scope="col" class="cell-method">
                Intensity
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((each) =>
              each.kind === 'row' ? (
                <ZoneRow
                  key={each.row.zone}
                  zone={each.row}
                  home={home}
                  greatest={greatest}
                  slot={slots.get(each.row.zone)}
                />
              ) : (
                <tr key={`after ${each.after}`} class="ranked-more">
                  <td colSpan={6}>
                    <button
                      type="button"
                      class="quiet"
                      onClick={() => navigation.go({ isWhole: true }, 'replaced')}
                    >
                      {count(each.count)} zones between
                    </button>
                  </td>
                </tr>
              ),
            )}
          </tbody>
        </table>
        {answer.without_figures.length > 0 && (
          <p class="card-foot">
            Not known for all of this energy, and so not ranked:{' '}
            {answer.without_figures.slice(0, 20).join(', ')}
            {answer.without_figures.length > 20 && ` and ${answer.without_figures.length - 20} more`}
          </p>
        )}
      </section>
    </>
  )
}

function ZoneRow({
  zone,
  home,
  greatest,
  slot,
}: {
  readonly zone: RankedZone
  readonly home: RankedZone
  readonly greatest: number
  readonly slot: number | undefined
}) {
  const likely = likelyOf(zone)
  const bar = (
    <RangeBar
      value={zone.co2_g}
      low={likely.low}
      high={likely.high}
      greatest={greatest}
      colour={slot === undefined ? 'bar' : slotColour(slot)}
    />
  )
  return (
    <tr class={zone === home ? 'ranked-home' : undefined}>
      <th scope="row">
        <span class="ranked-rank">{zone.rank}</span> <span class="ranked-name">{zone.name}</span>
        {zone === home && (
          <span class="ranked-tag">
            <Icon name="home" /> home
          </span>
        )}
        <span class="bar-below">{bar}</span>
      </th>
      <td class="cell-bar">{bar}</td>
      <td class="cell-number">{quantity(zone.co2_g, 'g')}</td>
      <td class="cell-number cell-likely">
        {isRange(likely) ? `${quantity(likely.low, 'g')} – ${quantity(likely.high, 'g')}` : 'as given'}
      </td>
      <td>{zone !== home && <DifferenceWords difference={differenceBetween(likelyOf(home), likely)} />}</td>
      <td class="cell-method">
        {intensity(zone.mean_intensity_g_per_kwh)}
        <span class={isRestingOnStandIn(zone) ? 'method method-stand-in' : 'method'}>
          {provenanceWords(zone.provenance)}
        </span>
      </td>
    </tr>
  )
}

function isRestingOnStandIn({ provenance }: RankedZone): boolean {
  return provenance.some(({ intensity_method: written }) => isStandIn(methodOf(written)))
}

function DifferenceWords({ difference }: { readonly difference: Difference }) {
  switch (difference.kind) {
    case 'home':
      return null
    case 'less':
      return (
        <span class="difference difference-less">
          <Icon name="down" />
          {difference.words}
        </span>
      )
    case 'more':
      return (
        <span class="difference difference-more">
          <Icon name="up" />
          {difference.words}
        </span>
      )
    case 'too-close':
      return (
        <span class="difference difference-close" title="The likely ranges overlap">
          <Icon name="level" />
          <span>
            {difference.words}
            <span class="too-close">, too close to call</span>
          </span>
        </span>
      )
  }
}

/** The comparison in sentences: what a person would take away from it. */
function Meaning({
  answer,
  home,
  best,
  chosen,
}: {
  readonly answer: Compared
  readonly home: RankedZone
  readonly best: RankedZone
  readonly chosen: readonly string[]
}) {
  const seconds = secondsOf(answer) * answer.coverage
  const others = chosen
    .filter((code) => code !== home.zone)
    .map((code) => answer.zones.find(({ zone }) => zone === code))
    .filter((zone) => zone !== undefined)
  const likely = likelyWords(likelyOf(home))
  const told = others.length > 0 ? others : best === home ? [] : [best]
  return (
    <section class="meaning" aria-label="What the difference means">
      <p class="meaning-home">
        In {home.name} this work emitted <b>{quantity(home.co2_g, 'g')}</b>
        {likely !== undefined && <span class="quiet-words"> ({likely})</span>}.
      </p>
      {told.map((zone) => (
        <MeaningOf key={zone.zone} home={home} zone={zone} seconds={seconds} />
      ))}
      {best === home && <p>No zone with figures is cleaner.</p>}
      {answer.coverage < 0.995 && (
        <p class="quiet-words">
          {percent(answer.coverage)} of the time was measured: {duration(seconds)}.
        </p>
      )}
    </section>
  )
}

function MeaningOf({
  home,
  zone,
  seconds,
}: {
  readonly home: RankedZone
  readonly zone: RankedZone
  readonly seconds: number
}) {
  const difference = differenceBetween(likelyOf(home), likelyOf(zone))
  const saving = home.co2_g - zone.co2_g
  const standstill = standstillWords(saving, { grams: home.co2_g, seconds })
  if (difference.kind === 'home') return null
  return (
    <p>
      In {zone.name} it would have been <b>{quantity(zone.co2_g, 'g')}</b>: {difference.words}.{' '}
      {difference.kind === 'too-close' &&
        'The likely ranges overlap, so the figures do not tell which is cleaner. '}
      {difference.kind === 'less' && standstill !== undefined && (
        <>
          The {quantity(saving, 'g')} less are what it emits in {home.name} in {standstill}.{' '}
        </>
      )}
      {isRestingOnStandIn(zone) && (
        <span class="quiet-words">
          The figure for {zone.name} rests on an {provenanceWords(zone.provenance)}.
        </span>
      )}
    </p>
  )
}
