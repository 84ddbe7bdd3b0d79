import type { ComponentChildren } from 'preact'

/** A bar from nothing to `value`, with a thin one over it from `low` to `high`; `greatest` fills the whole width. */
export function RangeBar({
  value,
  low,
  high,
  greatest,
  colour,
}: {
  readonly value: number
  readonly low: number
  readonly high: number
  readonly greatest: number
  readonly colour: string
}) {
  const share = (grams: number) =>
    `${Math.min(100, Math.max(0, greatest > 0 ? (grams / greatest) * 100 : 0))}%`
  return (
    <span class="range-bar" aria-hidden="true">
      <span class="range-bar-value" style={{ width: share(value), background: `var(--${colour})` }} />
      {high > low && (
        <span
          class="range-bar-likely"
          style={{ left: share(low), width: `calc(${share(high)} - ${share(low)})` }}
        />
      )}
    </span>
  )
}

/** A share of a whole as a thin bar. */
export function Meter({
  share,
  label,
  children,
}: {
  readonly share: number
  readonly label: string
  readonly children?: ComponentChildren
}) {
  const percents = Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10
  return (
    <span class="meter">
      <span
        class="meter-track"
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percents}
      >
        <span class="meter-value" style={{ width: `${percents}%` }} />
      </span>
      {children}
    </span>
  )
}
