import { useSignalEffect } from '@preact/signals'
import { useEffect, useRef, useState } from 'preact/hooks'
import { type View, views } from './address/place.ts'
import { zones as zonesGuard } from './api/answers.ts'
import { answerOf, useAsked } from './api/use-asked.ts'
import { stalenessAt } from './figures/staleness.ts'
import { clock, oneUnit } from './figures/time-text.ts'
import { usePage } from './page.ts'
import { Icon, type IconName } from './parts/icon.tsx'
import { Link } from './parts/link.tsx'
import { LiveState } from './parts/live-state.tsx'
import { ThemeButton } from './parts/theme-button.tsx'
import { TokenForm } from './parts/token-form.tsx'
import { ZonesPicker } from './parts/zones-picker.tsx'
import { Comparison } from './views/comparison.tsx'
import { Explorer } from './views/explorer.tsx'
import { Intensity } from './views/intensity.tsx'
import { Overview } from './views/overview.tsx'
import { Quality } from './views/quality.tsx'

const viewWords: Readonly<
  Record<View, { readonly title: string; readonly short: string; readonly icon: IconName }>
> = {
  overview: { title: 'Overview', short: 'Overview', icon: 'overview' },
  explorer: { title: 'Explorer', short: 'Explorer', icon: 'explorer' },
  comparison: { title: 'Comparison', short: 'Compare', icon: 'comparison' },
  intensity: { title: 'Intensity', short: 'Intensity', icon: 'intensity' },
  quality: { title: 'Data quality', short: 'Quality', icon: 'quality' },
}

/** The frame of every view. */
export function Shell() {
  const { navigation, live, session } = usePage()
  const { view } = navigation.place.value
  const directory = answerOf(useAsked('api/v1/zones', zonesGuard))
  const heading = useRef<HTMLHeadingElement>(null)
  const isFirst = useRef(true)
  useSignalEffect(() => {
    const { theme, zones } = navigation.place.value
    if (theme === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = theme
    // Another token, another listener.
    void session.token.value
    live.listenTo(zones)
  })
  useEffect(() => {
    document.title = `${viewWords[view].title} · co2-api`
    // Who listens hears where they are; at first the browser says so itself.
    if (!isFirst.current) heading.current?.focus()
    isFirst.current = false
    window.scrollTo(0, 0)
  }, [view])
  return (
    <>
      <a class="skip" href="#main">
        Skip to the figures
      </a>
      <header class="top">
        <Link to={{ view: 'overview' }} className="brand" label="co2-api, overview">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect width="32" height="32" rx="8" />
            <path d="M8 21v3M16 14v10M24 8v16" />
          </svg>
          <span>co2-api</span>
        </Link>
        <nav aria-label="Views">
          <ul>
            {views.map((each) => (
              <li key={each}>
                <Link to={{ view: each }} isCurrent={each === view}>
                  <Icon name={viewWords[each].icon} />
                  <span class="nav-title">{viewWords[each].title}</span>
                  <span class="nav-short" aria-hidden="true">
                    {viewWords[each].short}
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <div class="top-tools">
          <LiveState />
          <ZonesPicker directory={directory} />
          <ThemeButton />
        </div>
      </header>
      <main id="main" tabIndex={-1} class={`view-${view}`}>
        <h1 ref={heading} tabIndex={-1} class={view === 'overview' ? 'unseen' : undefined}>
          {viewWords[view].title}
        </h1>
        <AddressProblems />
        {session.refusal.value === undefined ? (
          <>
            <StaleNotice />
            {view === 'overview' && <Overview />}
            {view === 'explorer' && <Explorer />}
            {view === 'comparison' && <Comparison />}
            {view === 'intensity' && <Intensity directory={directory} />}
            {view === 'quality' && <Quality />}
          </>
        ) : (
          <TokenForm refusal={session.refusal.value} />
        )}
      </main>
      <footer>
        <p>
          Dynamic energy from Kepler’s counters, times the carbon intensity of the grid. CO₂e over the power
          plants’ life cycle, unless said otherwise.
        </p>
        <p>
          <a href="docs">API</a>
        </p>
      </footer>
    </>
  )
}

function AddressProblems() {
  const { navigation } = usePage()
  const problems = navigation.problems.value
  if (problems.length === 0) return null
  return (
    <div class="notice notice-care" role="status">
      <Icon name="care" />
      <div>
        {problems.map((each) => (
          <p key={each}>{each}</p>
        ))}
      </div>
    </div>
  )
}

/** Says that nothing new has been measured, since when, and why, as far as the stream tells. */
function StaleNotice() {
  const { live, now } = usePage()
  const [since] = useState(() => now.peek())
  const lastAt = live.totals.value.history.at(-1)?.at
  const failures = [...live.failures.value.values()]
  const staleness = stalenessAt(now.value, { lastAt, since, intervalSeconds: live.intervalSeconds.value })
  // Who may not listen would take silence for an outage.
  if (staleness.kind === 'current' || live.state.value === 'refused') return null
  const isLost = live.state.value !== 'live'
  const said =
    staleness.lastAt === undefined
      ? 'No new measurement since this page was opened.'
      : `No new measurement since ${clock(staleness.lastAt, 'seconds')}, ${oneUnit(staleness.seconds ?? 0)} ago. What is shown is the last that is known.`
  return (
    <div class="notice notice-bad" role="status">
      <Icon name="care" />
      <div>
        <p>
          <b>{said}</b>
        </p>
        {isLost && <p>The event stream of the service is lost; it is tried again.</p>}
        {failures.slice(0, 3).map(({ target, message }) => (
          <p key={target}>
            {target}: {message}
          </p>
        ))}
        {!isLost && failures.length === 0 && (
          <p>
            Whether the targets answer stands under <Link to={{ view: 'quality' }}>Data quality</Link>.
          </p>
        )}
      </div>
    </div>
  )
}
