import { StoreError } from '../energy/measurement-store.ts'

/** A store that may be away when it is asked. */
export type MayBeAway = {
  /** Whether an answer may be given without it, with a warning. */
  readonly whenAway: 'fail' | 'warn'
}

/** The warning of an answer that goes without the store, which failed. Throws the failure where it may not. */
export function warningWithout(store: MayBeAway, failure: unknown, answer: 'answer' | 'audit'): string {
  if (!(failure instanceof StoreError) || store.whenAway === 'fail') throw failure
  return `What was stored is missing from this ${answer}: ${failure.message}`
}
