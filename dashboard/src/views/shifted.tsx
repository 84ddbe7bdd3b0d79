import { hour } from '../address/time-range.ts'
import { shift as shiftGuard } from '../api/answers.ts'
import { shiftQuestion } from '../api/questions.ts'
import { useAsked } from '../api/use-asked.ts'
import { differenceWords } from '../figures/comparison-words.ts'
import { energy, quantity } from '../figures/quantity-text.ts'
import { clock, moment } from '../figures/time-text.ts'
import { usePage } from '../page.ts'
import { Answer, Nothing } from '../parts/states.tsx'

/** When and where an hour of this work would emit least. */
export function Shifted() {
  const { navigation, now } = usePage()
  const { zones, filters } = navigation.place.value
  const asked = useAsked(shiftQuestion({ zones, filters }, now.peek()), shiftGuard, 600)
  return (
    <section class="card" aria-labelledby="shift-title">
      <header class="card-head">
        <h2 id="shift-title">
          The same work at another time{' '}
          <span class="card-sub">one hour of it, at the last day’s mean power</span>
        </h2>
      </header>
      <Answer asked={asked} what="the best times" height="8rem">
        {({ forecast, profile, usual, now: present, work }) =>
          forecast.length === 0 && profile.length === 0 ? (
            <Nothing title="No time is known to be better">
              For these zones there is neither a forecast nor a profile of the last days; an annual average is
              the same at any hour.
            </Nothing>
          ) : (
            <div class="shift">
              <p class="quiet-words">
                {energy(work.energy_j)} begun now in {present.name}: {quantity(present.co2_g, 'g')}
              </p>
              {forecast.length > 0 && (
                <div>
                  <h3>Best start by the forecast</h3>
                  <ul>
                    {forecast.slice(0, 6).map((each) => (
                      <li key={each.zone}>
                        <b>{each.name}</b>
                        <span>
                          {moment(Date.parse(each.begins_at), now.value)} to {clock(Date.parse(each.ends_at))}
                        </span>
                        <span>{quantity(each.co2_g, 'g')}</span>
                        <span>{savingWords(each.co2_g, present.co2_g, 'now')}</span>
                      </li>
                    ))}
                  </ul>
                </div>
              )}
              {profile.length > 0 && (
                <div>
                  <h3>Best hour in the last 7 days</h3>
                  <ul>
                    {profile.slice(0, 6).map((each) => (
                      <li key={each.zone}>
                        <b>{each.name}</b>
                        <span>
                          {localHour(each.hour_of_day_utc, now.value)}, mean of {each.days}&nbsp;
                          {each.days === 1 ? 'day' : 'days'}
                        </span>
                        <span>{quantity(each.co2_g, 'g')}</span>
                        <span>{savingWords(each.co2_g, usual?.co2_g ?? null, 'at this hour')}</span>
                      </li>
                    ))}
                  </ul>
                </div>
              )}
            </div>
          )
        }
      </Answer>
    </section>
  )
}

function savingWords(grams: number | null, presentGrams: number | null, when: string): string {
  if (grams === null || presentGrams === null || !(presentGrams > 0)) return ''
  const words = differenceWords(presentGrams, grams)
  if (words === 'the same') return `the same as ${when}`
  return words.endsWith('as much') ? `${words} as ${when}` : `${words} than ${when}`
}

function localHour(hourUtc: number, now: number): string {
  const at = new Date(now)
  at.setUTCHours(hourUtc, 0, 0, 0)
  return `${clock(at.getTime())} to ${clock(at.getTime() + hour * 1000)}`
}
