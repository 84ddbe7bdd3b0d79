import { useSignal } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import { usePage } from '../page.ts'
import { AskError, ask } from './ask.ts'
import type { Guard } from './guard.ts'

/** How far a question has come. */
export type Asked<T> =
  | { readonly kind: 'waiting' }
  | {
      readonly kind: 'answered'
      readonly value: T
      /** When the answer came, in milliseconds since 1970. */
      readonly at: number
      /** The question has changed, and this is still the answer to the one before. */
      readonly isOutdated: boolean
      /** Why it could not be asked again since, where it could not. */
      readonly problem: string | undefined
      readonly again: () => void
    }
  | { readonly kind: 'failed'; readonly problem: string; readonly again: () => void }

type Held<T> =
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'value'
      readonly value: T
      readonly at: number
      readonly question: string
      readonly problem?: string
    }
  | { readonly kind: 'problem'; readonly problem: string; readonly question: string }

const nothing = { kind: 'nothing' } as const

/**
 * The answer to a question, asked again every so often as long as the page is in sight, and at once when the question
 * changes. While a new answer is on its way, and when none comes, the last one stays.
 */
export function useAsked<T>(question: string | undefined, guard: Guard<T>, everySeconds?: number): Asked<T> {
  const { session } = usePage()
  const token = session.token.value
  const held = useSignal<Held<T>>(nothing)
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    if (question === undefined) return undefined
    const stop = new AbortController()
    let timer: number | undefined
    const take = async () => {
      try {
        const value = await ask(question, guard, { session, signal: stop.signal })
        held.value = { kind: 'value', value, at: Date.now(), question }
      } catch (error) {
        if (stop.signal.aborted) return
        const problem = error instanceof AskError ? error.message : String(error)
        const before = held.peek()
        // An answer to this very question is still worth showing, one to another is not.
        held.value =
          before.kind === 'value' && before.question === question
            ? { ...before, problem }
            : { kind: 'problem', problem, question }
      }
      if (everySeconds !== undefined && !stop.signal.aborted)
        timer = window.setTimeout(next, everySeconds * 1000)
    }
    const next = () => {
      if (document.hidden)
        document.addEventListener('visibilitychange', next, { once: true, signal: stop.signal })
      else void take()
    }
    void take()
    return () => {
      stop.abort()
      window.clearTimeout(timer)
    }
  }, [question, guard, everySeconds, turn, token])
  const again = () => setTurn((turns) => turns + 1)
  const now = held.value
  switch (now.kind) {
    case 'nothing':
      return { kind: 'waiting' }
    case 'problem':
      return now.question === question ? { kind: 'failed', problem: now.problem, again } : { kind: 'waiting' }
    case 'value':
      return {
        kind: 'answered',
        value: now.value,
        at: now.at,
        isOutdated: now.question !== question,
        problem: now.problem,
        again,
      }
  }
}

/** The answer where there is one. */
export function answerOf<T>(asked: Asked<T>): T | undefined {
  return asked.kind === 'answered' ? asked.value : undefined
}
