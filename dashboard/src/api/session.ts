import { type Signal, signal } from '@preact/signals'

/** The token with which the service is asked, where it wants one. It is kept for this tab, and stands in no address. */
export type Session = {
  readonly token: Signal<string | undefined>
  /** Why the service wants a token, or another one; undefined as long as it answers. */
  readonly refusal: Signal<string | undefined>
  keep(token: string): void
}

const key = 'co2-api-token'

export function openSession(storage: Storage): Session {
  const token = signal(storage.getItem(key) ?? undefined)
  const refusal = signal<string | undefined>(undefined)
  return {
    token,
    refusal,
    keep(given) {
      storage.setItem(key, given)
      token.value = given
      refusal.value = undefined
    },
  }
}

/** What a question is sent with. */
export function headersOf({ token }: Session, accept: string): Readonly<Record<string, string>> {
  const given = token.peek()
  return given === undefined ? { accept } : { accept, authorization: `Bearer ${given}` }
}
