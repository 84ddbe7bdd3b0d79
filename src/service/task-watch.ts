import type { FastifyBaseLogger } from 'fastify'

/** Notices background tasks that end before they should. */
export type TaskWatch = {
  /** One sentence for each task that has died. */
  readonly deaths: readonly string[]
  watch(name: string, task: Promise<void>): void
  allEnded(): Promise<void>
}

export function createTaskWatch(logger: Pick<FastifyBaseLogger, 'error'>): TaskWatch {
  const deaths: string[] = []
  const tasks = new Set<Promise<void>>()
  return {
    deaths,
    watch(name, task) {
      const watched = task
        .catch((err: unknown) => {
          deaths.push(
            `the background task "${name}" has died: ${err instanceof Error ? err.message : String(err)}`,
          )
          logger.error({ err, task: name }, 'a background task has died')
        })
        .then(() => void tasks.delete(watched))
      tasks.add(watched)
    },
    async allEnded(): Promise<void> {
      await Promise.all(tasks)
    },
  }
}
