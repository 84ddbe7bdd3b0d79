import type { ComponentChildren } from 'preact'
import type { Asked } from '../api/use-asked.ts'
import { clock } from '../figures/time-text.ts'
import { Icon } from './icon.tsx'

/** The outline of what is on its way. */
export function Waiting({ what, height }: { readonly what: string; readonly height: string }) {
  return (
    <div class="waiting" style={{ minHeight: height }} role="status">
      <span class="unseen">Loading {what}</span>
      <i />
      <i />
      <i />
    </div>
  )
}

/** Nothing to show, which is no mistake: why, and what to do. */
export function Nothing({
  title,
  children,
}: {
  readonly title: string
  readonly children?: ComponentChildren
}) {
  return (
    <div class="nothing">
      <p class="nothing-title">{title}</p>
      {children}
    </div>
  )
}

export function Failed({ problem, again }: { readonly problem: string; readonly again: () => void }) {
  return (
    <div class="failed" role="alert">
      <p>
        <Icon name="bad" />
        <span>{problem}</span>
      </p>
      <button type="button" onClick={again}>
        Ask again
      </button>
    </div>
  )
}

/**
 * What was asked, in whichever state it is. An answer stays while the next is on its way, and is marked where it could
 * not be asked again.
 */
export function Answer<T>({
  asked,
  what,
  height,
  children,
}: {
  readonly asked: Asked<T>
  /** What it is, to end “Loading …”. */
  readonly what: string
  readonly height: string
  readonly children: (value: T) => ComponentChildren
}) {
  if (asked.kind === 'waiting') return <Waiting what={what} height={height} />
  if (asked.kind === 'failed') return <Failed problem={asked.problem} again={asked.again} />
  return (
    <div class="answer" data-outdated={asked.isOutdated ? '' : undefined} aria-busy={asked.isOutdated}>
      {asked.problem !== undefined && (
        <p class="unrefreshed">
          <Icon name="care" />
          <span>
            As of {clock(asked.at, 'seconds')}. {asked.problem}
          </span>
        </p>
      )}
      {children(asked.value)}
    </div>
  )
}
