/** What was found out about one thing that the service needs, and what a person should do about it. */
export type Finding = {
  /** What it is about, such as `Kepler http://10.0.0.1:28282/metrics`. */
  readonly subject: string
  /** `warn`: the service works, but not as well as it could. `fail`: it does not. */
  readonly verdict: 'ok' | 'warn' | 'fail'
  /** What is the case, without a full stop. */
  readonly finding: string
  /** What to do next, as a sentence. */
  readonly advice?: string
}

/** Findings about one thing. */
export function findingsOn(subject: string) {
  return {
    ok: (finding: string): Finding => ({ subject, verdict: 'ok', finding }),
    warn: (finding: string, advice: string): Finding => ({ subject, verdict: 'warn', finding, advice }),
    fail: (finding: string, advice: string): Finding => ({ subject, verdict: 'fail', finding, advice }),
  }
}
