import type { Instant } from '../units.ts'

/** An exporter that is to be scraped. */
export type Target = {
  readonly url: URL
  /** The node that it stands on, where whoever found it knows that. */
  readonly node: string | undefined
  /** The name that its certificate must bear, where that is not the host of the URL. */
  readonly serverName: string | undefined
}

/** How the finding of targets goes. */
export type FindingState =
  /** Nobody has said yet which there are. */
  | { readonly kind: 'pending' }
  | { readonly kind: 'current' }
  /** What was known last stands. */
  | { readonly kind: 'failing'; readonly since: Instant; readonly message: string }

/** The state after a failure: it has lasted since the first one in a row. */
export function failing(
  before: FindingState,
  { message, now }: { readonly message: string; readonly now: Instant },
): FindingState {
  return { kind: 'failing', since: before.kind === 'failing' ? before.since : now, message }
}

/** Knows which targets there are, as one setting of an address finds them. */
export type TargetDirectory = {
  /** The address, as a person wrote it, without any secret. */
  readonly address: string
  targets(): readonly Target[]
  state(): FindingState
  /** Follows what comes and goes until `signal` aborts, and tells of every change of the targets or the state. */
  follow(onChange: () => void, signal: AbortSignal): Promise<void>
}

/** One target that is there as long as the service. */
export function createFixedTarget({
  address,
  url,
}: {
  readonly address: string
  readonly url: URL
}): TargetDirectory {
  const target = { url, node: undefined, serverName: undefined }
  return {
    address,
    targets: () => [target],
    state: () => ({ kind: 'current' }),
    async follow() {},
  }
}

/** Asks who the targets are, once: waits until it is known, or cannot be, no longer than until `signal` aborts. */
export async function askOnce(directory: TargetDirectory, signal: AbortSignal): Promise<readonly Target[]> {
  const known = new AbortController()
  const look = () => {
    if (directory.state().kind !== 'pending') known.abort()
  }
  look()
  if (!known.signal.aborted) await directory.follow(look, AbortSignal.any([signal, known.signal]))
  return directory.targets()
}

/** Tells targets apart: one that stands on another node now is another. */
export function targetKey({ url, node }: Target): string {
  return JSON.stringify([url.href, node])
}
