export type KubernetesFailure =
  | 'unreachable'
  | 'timed-out'
  | 'token-unreadable'
  | 'unauthorised'
  | 'forbidden'
  /** The version that was asked for is no longer kept (410): what there is must be listed again. */
  | 'expired'
  | 'throttled'
  | 'bad-status'
  | 'too-large'
  | 'unexpected-answer'

/** The API server could not be reached, refused us, or answered in a shape we do not know. */
export class KubernetesError extends Error {
  override name = 'KubernetesError'
  readonly failure: KubernetesFailure
  /** What the server asks for before the next try. */
  readonly retryAfterSeconds: number

  constructor(
    failure: KubernetesFailure,
    message: string,
    about: { readonly cause?: unknown; readonly retryAfterSeconds?: number } = {},
  ) {
    super(message, about.cause === undefined ? undefined : { cause: about.cause })
    this.failure = failure
    this.retryAfterSeconds = about.retryAfterSeconds ?? 0
  }
}
