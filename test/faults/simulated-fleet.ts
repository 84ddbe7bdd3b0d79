import { setTimeout as pause } from 'node:timers/promises'
import type { SimulatedNode } from '../../simulator/hardware.ts'
import { type KeplerSimulator, startKeplerSimulator } from '../../simulator/server.ts'
import { type PostgresServer, startPostgresServer } from '../postgres/server.ts'

export type FleetNode = { readonly node: SimulatedNode; readonly dialect: 'legacy' | 'current' }

/** Simulated Keplers, each of a node, and the database for what they count. */
export type SimulatedFleet = AsyncDisposable & {
  readonly simulators: readonly KeplerSimulator[]
  readonly postgres: PostgresServer
  readonly dsn: string
  /** Runs one statement in the database. */
  readonly ask: (sql: string) => Promise<readonly (readonly unknown[])[]>
  /** Lets a second pass on a node with each scrape, or none: as at the beginning. */
  readonly setFrozen: (isFrozen: boolean) => void
  /** Until every target has been scraped so many times. */
  readonly scraped: (times: number) => Promise<void>
  /** Asks again and again whether `condition` has come about; throws, with the end of the log, after a minute. */
  readonly until: (condition: () => Promise<boolean>, what: string) => Promise<void>
  /** How many rows are there twice, and how many intervals of a container overlap. */
  readonly faultyRows: () => Promise<{ readonly twice: number; readonly overlapping: number }>
}

/** `endOfLog`: the last of what the services said, for a failure. */
export async function startFleet(
  nodes: readonly FleetNode[],
  endOfLog: () => string,
): Promise<SimulatedFleet> {
  await using starting = new AsyncDisposableStack()
  const postgres = starting.use(await startPostgresServer({ fsync: 'on' }))
  const dsn = await postgres.createDatabase()
  const database = new URL(dsn).pathname.slice(1)
  const ask = (sql: string) => postgres.query(sql, database)
  let isFrozen = true
  const simulators = await Promise.all(
    nodes.map(({ node, dialect }) =>
      startKeplerSimulator({
        node,
        dialect,
        beforeScrape() {
          if (!isFrozen) node.advance(1)
        },
      }),
    ),
  )
  for (const simulator of simulators) starting.use(simulator)
  const started = starting.move()

  async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
    const deadline = Date.now() + 60_000
    // What is asked for an answer may be away just then.
    while (!(await condition().catch(() => false))) {
      if (Date.now() > deadline) throw new Error(`${what} did not come about:\n${endOfLog()}`)
      await pause(50)
    }
  }

  return {
    simulators,
    postgres,
    dsn,
    ask,
    until,
    setFrozen(isNow) {
      isFrozen = isNow
    },
    async scraped(times) {
      const targets = simulators.map((simulator) => ({ simulator, from: simulator.requests() }))
      await until(
        async () => targets.every(({ simulator, from }) => simulator.requests() >= from + times),
        `${times} scrapes of every target`,
      )
    },
    async faultyRows() {
      const [[twice] = []] = await ask(
        'select count(*) from (select from container_metrics group by container_ref, time having count(*) > 1) as rows',
      )
      const [[overlapping] = []] = await ask(
        `select count(*) from (
           select started_at, lag(time) over (partition by container_ref order by time) as before from container_metrics
         ) as following where started_at < before`,
      )
      return { twice: Number(twice), overlapping: Number(overlapping) }
    },
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}
