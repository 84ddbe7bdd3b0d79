/** Lets so many through at a time; others wait their turn, and beyond that are sent away. */
export type Turnstile = {
  /**
   * Waits for a place, and gives the function that leaves it again, which may be called more than once. Undefined when
   * too many wait already. Throws the signal's reason when it aborts before a place is free.
   */
  enter(signal: AbortSignal): Promise<(() => void) | undefined>
}

export function createTurnstile(limits: { readonly inside: number; readonly waiting: number }): Turnstile {
  let inside = 0
  const waiting = new Set<() => void>()

  function leaveOnce(): () => void {
    let hasLeft = false
    return () => {
      if (hasLeft) return
      hasLeft = true
      const [next] = waiting
      if (next === undefined) inside -= 1
      else next()
    }
  }

  return {
    async enter(signal) {
      signal.throwIfAborted()
      if (inside < limits.inside) {
        inside += 1
        return leaveOnce()
      }
      if (waiting.size >= limits.waiting) return undefined
      await new Promise<void>((resolve, reject) => {
        const giveUp = () => {
          waiting.delete(takePlace)
          reject(signal.reason)
        }
        const takePlace = () => {
          waiting.delete(takePlace)
          signal.removeEventListener('abort', giveUp)
          resolve()
        }
        waiting.add(takePlace)
        signal.addEventListener('abort', giveUp, { once: true })
      })
      return leaveOnce()
    },
  }
}
