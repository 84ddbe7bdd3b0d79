import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { type ServiceProcess, startServiceProcess } from '../end-to-end/service-process.ts'
import { type Attack, type HostileExporter, startHostileExporter } from './hostile-exporter.ts'

export type Attacker = {
  readonly attack: Attack
  /** What the log says of it: the kind of the failure, and the limit by its name. */
  readonly says: RegExp
}

export type Siege = {
  readonly attackers: readonly Attacker[]
  /** How often each of them attacks. */
  readonly scrapes: number
  /** How much more memory than before the service may take. */
  readonly mostMegabytes: number
  readonly environment: Readonly<Record<string, string>>
}

/**
 * Lets exporters turn against the running service, all at the same time, and one beside them that does not. Demands that
 * the service says of each why it does not take what it is given, goes on answering and reading the honest one, stays
 * within its memory, and afterwards counts on as if nothing had been. Resolves with the megabytes that it took more.
 */
export async function survives({ attackers, scrapes, mostMegabytes, environment }: Siege): Promise<number> {
  await using stack = new AsyncDisposableStack()
  const start = async (pod: string) => stack.use(await startHostileExporter(pod))
  const honest = await start('honest')
  const hostile = await Promise.all(
    attackers.map(async (attacker, at) => ({ ...attacker, exporter: await start(`pod-${at}`) })),
  )
  const everyone = [honest, ...hostile.map(({ exporter }) => exporter)]
  const service = await startServiceProcess({
    EXPORTER_URL: everyone.map(({ url }) => url).join(','),
    SAMPLE_INTERVAL: '1',
    LOG_LEVEL: 'info',
    ...environment,
  })
  // Also when an expectation fails in between.
  stack.defer(() => void service.process.kill('SIGKILL'))

  await Promise.all(everyone.map((exporter) => scraped(exporter, 2)))
  const joulesBefore = everyone.map((exporter) => exporter.joules())
  const megabytesBefore = peakMegabytes(service)

  for (const { exporter, attack } of hostile) exporter.turn(attack)
  await Promise.all(everyone.map((exporter) => scraped(exporter, scrapes)))
  for (const { exporter, says } of hostile) {
    const isSaid = () => service.log.some((line) => line.includes(exporter.url) && says.test(line))
    await until(isSaid, { service, exporter, what: String(says) })
  }
  // It is asked while it is under attack.
  assert.equal((await fetch(`${service.url}/healthz`)).status, 200)
  const more = peakMegabytes(service) - megabytesBefore
  assert.ok(more <= mostMegabytes, `it took ${more.toFixed(0)} MB more than before`)

  for (const { exporter } of hostile) exporter.turn(undefined)
  await Promise.all(everyone.map((exporter) => scraped(exporter, 2)))
  for (const [at, exporter] of everyone.entries()) {
    const said = exporter.joules() - (joulesBefore[at] ?? 0)
    const isCounted = async () => (await countedJoules(service, exporter.pod)) >= said
    await until(isCounted, { service, exporter, what: `${said} J of ${exporter.pod}` })
  }
  assert.equal(await service.stop(), 0)
  return more
}

/** Why memory cannot be looked at here; undefined where it can. */
export const whyNoMemory =
  process.platform === 'linux' ? undefined : 'the memory of another process is read from /proc, on Linux'

/** The most memory that the service has ever had: `VmHWM`, proc(5). */
function peakMegabytes(service: ServiceProcess): number {
  const status = readFileSync(`/proc/${service.process.pid}/status`, 'utf8')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1000
}

async function countedJoules(service: ServiceProcess, pod: string): Promise<number> {
  const response = await fetch(`${service.url}/api/co2-per-container`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ namespace: 'shop', pod, container: 'app', n: 1000 }),
  })
  return Number(/"energy_j":([\d.]+)/.exec(await response.text())?.[1])
}

async function scraped(exporter: HostileExporter, times: number): Promise<void> {
  const from = exporter.requests()
  // One more: that it is asked again shows that the service is done with the one before.
  while (exporter.requests() < from + times + 1) await pause(20)
}

async function until(
  condition: () => boolean | Promise<boolean>,
  { service, exporter, what }: { service: ServiceProcess; exporter: HostileExporter; what: string },
): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!(await condition())) {
    if (performance.now() > deadline) {
      const about = service.log.filter((line) => line.includes(exporter.url)).slice(-5)
      throw new Error(`${what} did not come about:\n${about.join('\n')}`)
    }
    await pause(20)
  }
}
