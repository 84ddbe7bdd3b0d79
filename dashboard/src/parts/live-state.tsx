import { ago } from '../figures/time-text.ts'
import { usePage } from '../page.ts'

/** Whether the page hears from the service, and when it last did. */
export function LiveState() {
  const { live, now } = usePage()
  const state = live.state.value
  const lastAt = live.totals.value.history.at(-1)?.at
  const words = { connecting: 'Connecting', live: 'Live', lost: 'Not live' }[state]
  return (
    <p class={`live live-${state}`}>
      <span class="live-dot" aria-hidden="true" />
      <span>{words}</span>
      {lastAt !== undefined && <span class="live-age">{ago(Math.max(0, (now.value - lastAt) / 1000))}</span>}
      <span class="unseen" role="status">
        {state === 'lost' ? 'The connection to the service is lost; it is tried again.' : ''}
      </span>
    </p>
  )
}
