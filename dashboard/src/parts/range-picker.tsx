import { useState } from 'preact/hooks'
import {
  boundsOf,
  day,
  hour,
  offeredRanges,
  parseRange,
  rangeInAddress,
  type TimeRange,
} from '../address/time-range.ts'
import { clock, duration, fromTo } from '../figures/time-text.ts'
import { usePage } from '../page.ts'
import { Icon } from './icon.tsx'
import { Popover } from './popover.tsx'

/** What a range is called. */
export function rangeWords(range: TimeRange, now: number): string {
  switch (range.kind) {
    case 'last':
      if (range.seconds === hour) return 'Last hour'
      return range.seconds >= 2 * day && range.seconds % day === 0
        ? `Last ${range.seconds / day}\u00A0days`
        : `Last ${duration(range.seconds)}`
    case 'today':
      return 'Today'
    case 'between':
      return fromTo(range, now)
  }
}

/** Chooses the time that is looked at: one of the usual ones, or from one moment to another. */
export function RangePicker({ range }: { readonly range: TimeRange }) {
  const { navigation, now } = usePage()
  return (
    <Popover
      label="Range of time"
      button={
        <>
          <Icon name="time" />
          <span class="unseen">Range of time: </span>
          <span class="opener-words">{rangeWords(range, now.value)}</span>
          <Icon name="chevron" />
        </>
      }
    >
      {(close) => (
        <RangePanel
          range={range}
          onChoose={(chosen) => {
            navigation.go({ range: chosen })
            close()
          }}
        />
      )}
    </Popover>
  )
}

function RangePanel({
  range,
  onChoose,
}: {
  readonly range: TimeRange
  readonly onChoose: (range: TimeRange) => void
}) {
  const { now } = usePage()
  const offered: readonly TimeRange[] = [
    ...offeredRanges.map((seconds) => ({ kind: 'last' as const, seconds })),
    { kind: 'today' },
  ]
  const shown = boundsOf(range, now.peek())
  const [from, setFrom] = useState(localText(shown.from))
  const [to, setTo] = useState(localText(shown.to))
  const own = parseRange(`${utcText(from)}..${utcText(to)}`)
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  return (
    <div class="ranges">
      <ul>
        {offered.map((each) => (
          <li key={rangeInAddress(each)}>
            <button
              type="button"
              aria-pressed={rangeInAddress(each) === rangeInAddress(range)}
              onClick={() => onChoose(each)}
            >
              {rangeWords(each, now.value)}
            </button>
          </li>
        ))}
      </ul>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (own !== undefined) onChoose(own)
        }}
      >
        <label>
          From
          <input
            type="datetime-local"
            value={from}
            max={to}
            required
            onInput={(event) => setFrom(event.currentTarget.value)}
          />
        </label>
        <label>
          To
          <input
            type="datetime-local"
            value={to}
            min={from}
            required
            onInput={(event) => setTo(event.currentTarget.value)}
          />
        </label>
        <p class="panel-hint">
          {own === undefined
            ? 'The first must be before the second, and less than a year.'
            : `Times of ${zone}`}
        </p>
        <button type="submit" class="primary" disabled={own === undefined}>
          Show this time
        </button>
      </form>
    </div>
  )
}

/** A moment as an input of local date and time holds it. */
function localText(at: number): string {
  const date = new Date(at)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${clock(at)}`
}

function utcText(local: string): string {
  const at = new Date(local).getTime()
  return Number.isNaN(at) ? '' : new Date(at).toISOString()
}
