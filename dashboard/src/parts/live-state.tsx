import { stalenessAt } from '../figures/staleness.ts'
import { ago } from '../figures/time-text.ts'
import { usePage } from '../page.ts'

const words = {
  connecting: 'Connecting',
  live: 'Live',
  quiet: 'Quiet',
  lost: 'Not live',
  refused: 'Asked now and then',
} as const

/** Whether the page hears from the service, and when it last was told of a measurement. */
export function LiveState() {
  const { live, now } = usePage()
  const lastAt = live.totals.value.history.at(-1)?.at
  const heard = { lastAt, since: now.value, intervalSeconds: live.intervalSeconds.value }
  const isQuiet = live.state.value === 'live' && stalenessAt(now.value, heard).kind === 'stale'
  const state = isQuiet ? 'quiet' : live.state.value
  return (
    <p class={`live live-${state}`}>
      <span class="live-dot" aria-hidden="true" />
      <span>{words[state]}</span>
      {lastAt !== undefined && <span class="live-age">{ago((now.value - lastAt) / 1000)}</span>}
      <span class="unseen" role="status">
        {state === 'lost' ? 'The connection to the service is lost; it is tried again.' : ''}
      </span>
    </p>
  )
}
