import { noFilters } from '../address/place.ts'
import { hour, isGoingOn, type TimeRange } from '../address/time-range.ts'
import { type Comparison, comparison as comparisonGuard, type RankedZone } from '../api/answers.ts'
import { comparisonQuestion } from '../api/questions.ts'
import { useAsked } from '../api/use-asked.ts'
import { ZoneStrip } from '../charts/zone-strip.tsx'
import { colourSlots } from '../figures/colour-slots.ts'
import { differenceBetween, likelyOf } from '../figures/comparison-words.ts'
import { methodOf, methodWords } from '../figures/method-words.ts'
import { count } from '../figures/quantity-text.ts'
import { secondsOf } from '../figures/time-text.ts'
import { usePage } from '../page.ts'
import { Link } from '../parts/link.tsx'
import { rangeWords } from '../parts/range-picker.tsx'
import { Answer, Nothing } from '../parts/states.tsx'

/** What the same work would emit in every other zone, on one scale. */
export function Elsewhere({ range }: { readonly range: TimeRange }) {
  const { navigation, now } = usePage()
  const { zones } = navigation.place.value
  const asked = useAsked(
    comparisonQuestion({ range, zones, filters: noFilters }, now.peek()),
    comparisonGuard,
    isGoingOn(range) ? 60 : undefined,
  )
  return (
    <section class="card elsewhere" aria-labelledby="elsewhere-title">
      <header class="card-head">
        <h2 id="elsewhere-title">
          The same work elsewhere{' '}
          <span class="card-sub">mean of the {rangeWords(range, now.value).toLowerCase()}</span>
        </h2>
        <Link to={{ view: 'comparison', range }} className="card-more">
          Compare
        </Link>
      </header>
      <Answer asked={asked} what="what it would be elsewhere" height="9rem">
        {(answer) => <Strip answer={answer} chosen={zones} />}
      </Answer>
    </section>
  )
}

function Strip({ answer, chosen }: { readonly answer: Comparison; readonly chosen: readonly string[] }) {
  const hours = (secondsOf(answer) / hour) * answer.coverage
  const home = answer.zones.find(({ zone }) => zone === answer.home)
  const best = answer.zones[0]
  if (home === undefined || best === undefined || !(hours > 0) || !(answer.energy_j > 0)) {
    return <Nothing title="There is nothing to compare yet" />
  }
  const told = [...new Set([...chosen, best.zone])]
    .filter((code) => code !== answer.home)
    .map((code) => answer.zones.find(({ zone }) => zone === code))
    .filter((zone) => zone !== undefined)
    .slice(0, 3)
  const standIns = standInCount(answer)
  return (
    <>
      <ZoneStrip
        zones={answer.zones}
        home={answer.home}
        chosen={chosen}
        slots={colourSlots(chosen.length > 0 ? chosen : [answer.home])}
        perHour={1 / hours}
      />
      <p class="card-foot">
        {told.map((zone) => (
          <Told key={zone.zone} home={home} zone={zone} />
        ))}
        <span>
          {count(answer.zones.length)} zones
          {standIns > 0 && `, ${count(standIns)} of them by an annual average`}
        </span>
      </p>
    </>
  )
}

function Told({ home, zone }: { readonly home: RankedZone; readonly zone: RankedZone }) {
  const difference = differenceBetween(likelyOf(home), likelyOf(zone))
  const [part] = zone.provenance
  const method = methodWords(methodOf(part?.intensity_method), part?.intensity_year)
  if (difference.kind === 'home') return null
  return (
    <span>
      <b>{zone.name}</b> {difference.words}
      {difference.kind === 'too-close' && ', too close to call'} ({method})
    </span>
  )
}

function standInCount({ zones }: Comparison): number {
  return zones.filter(({ provenance }) =>
    provenance.some(({ intensity_method: written }) => methodOf(written) === 'annual-average'),
  ).length
}
