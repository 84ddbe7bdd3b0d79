/** An answer to a request, whatever its status. Header names are in lower case. */
export type HttpAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

/**
 * Asks a web server, as sources need it: bounded in time and size, without following redirects to other hosts. Throws
 * SourceError (`unreachable`, `timed-out`, `unexpected-answer` for an answer that is too large), and the signal's
 * reason when it aborts. The message names the host and no more: addresses may hold keys.
 */
export type HttpGet = (
  url: URL,
  options: { readonly headers?: Readonly<Record<string, string>>; readonly signal: AbortSignal },
) => Promise<HttpAnswer>
