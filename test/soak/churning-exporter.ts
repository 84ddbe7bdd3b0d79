import { startLoopbackServer } from '../loopback-server.ts'

/** A Kepler whose pods are replaced all the time. */
export type ChurningExporter = AsyncDisposable & {
  readonly url: string
  readonly scrapes: number
  readonly containersEver: number
  /**
   * What its counters advanced from the first answer to the last one: of a container that began in between all that its
   * counter showed last, of the others the difference.
   */
  readonly servedJoules: number
}

type Container = {
  readonly name: string
  readonly wattsInMilli: number
  millijoules: number
  atFirst: number
}

/** At each scrape every container has used a second's energy, and `replaced` of them have gone and others come. */
export async function startChurningExporter(shape: {
  readonly containers: number
  readonly replaced: number
}): Promise<ChurningExporter> {
  let made = 0
  let scrapes = 0
  let goneMillijoules = 0
  const create = (): Container => {
    made += 1
    return { name: `pod-${made}`, wattsInMilli: 100 + ((made * 7919) % 5000), millijoules: 0, atFirst: 0 }
  }
  const present = Array.from({ length: shape.containers }, create)

  function body(): string {
    const lines = ['# TYPE kepler_container_joules_total counter\n']
    for (const container of present) {
      container.millijoules += container.wattsInMilli
      if (scrapes === 0) container.atFirst = container.millijoules
      lines.push(
        `kepler_container_joules_total{container_id="${container.name}",container_name="app",container_namespace="shop",mode="dynamic",pod_name="${container.name}",source=""} ${container.millijoules / 1000}\n`,
      )
    }
    return lines.join('')
  }

  const server = await startLoopbackServer((_request, response) => {
    if (scrapes > 0) {
      for (const { millijoules, atFirst } of present.splice(0, shape.replaced))
        goneMillijoules += millijoules - atFirst
      for (let more = 0; more < shape.replaced; more += 1) present.push(create())
    }
    response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8').end(body())
    scrapes += 1
  })
  return {
    url: `${server.origin}/metrics`,
    get scrapes() {
      return scrapes
    },
    get containersEver() {
      return made
    },
    get servedJoules() {
      const presentMillijoules = present.reduce(
        (sum, { millijoules, atFirst }) => sum + millijoules - atFirst,
        0,
      )
      return (goneMillijoules + presentMillijoules) / 1000
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
