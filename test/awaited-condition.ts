/** Lets a test wait for what others bring about. */
export type AwaitedConditions = {
  /** To be called whenever something may have changed. */
  readonly look: () => void
  /** Resolves once it is so. */
  readonly until: (isSo: () => boolean) => Promise<void>
}

export function createAwaitedConditions(): AwaitedConditions {
  const waiting = new Set<() => void>()
  return {
    look() {
      for (const check of waiting) check()
    },
    until(isSo) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const check = () => {
        if (!isSo()) return
        waiting.delete(check)
        resolve()
      }
      waiting.add(check)
      check()
      return promise
    },
  }
}
