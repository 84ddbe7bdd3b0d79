import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { startServiceProcess } from '../end-to-end/service-process.ts'
import { startChurningExporter } from './churning-exporter.ts'
import { type CurvePoint, curveText, megabytesPerMinute } from './curve.ts'

/** SOAK_MINUTES makes the run shorter, or longer. Below five minutes only energy and the most memory are judged. */
const minutes = Number(process.env['SOAK_MINUTES'] ?? 20)
const containers = Number(process.env['SOAK_CONTAINERS'] ?? 1000)
const lookEverySeconds = 2
/** Samples are kept for a minute: by then as much is let go as comes. The rest of the third is for the heap to settle. */
const warmUpShare = 1 / 3
/** A slope below this is noise: the heap breathes by more in the same time. */
const mostMegabytesPerMinute = 0.5
const mostMegabytes = 400

describe('a service whose pods are replaced all the time', { timeout: (minutes + 5) * 60_000 }, () => {
  it(`keeps its memory and loses no energy in ${minutes} minutes`, async (t) => {
    await using exporter = await startChurningExporter({ containers, replaced: Math.ceil(containers / 100) })
    const service = await startServiceProcess({
      EXPORTER_URL: exporter.url,
      SAMPLE_INTERVAL: '1',
      RETENTION: '60s',
      LOG_LEVEL: 'info',
    })
    const points: CurvePoint[] = []
    const begunAt = performance.now()
    const minute = () => (performance.now() - begunAt) / 60_000
    while (minute() < minutes) {
      await pause(lookEverySeconds * 1000)
      points.push({ minute: minute(), megabytes: residentMegabytes(service.process.pid) })
    }
    const counted = await countedJoules(service.url, () => exporter.servedJoules)
    const { scrapes, containersEver } = exporter
    assert.equal(await service.stop(), 0)

    const settled = points.filter((point) => point.minute >= minutes * warmUpShare)
    const slope = megabytesPerMinute(settled)
    const highest = Math.max(...points.map(({ megabytes }) => megabytes))
    for (const line of curveText(points).split('\n')) t.diagnostic(line)
    t.diagnostic(
      `${scrapes} scrapes of ${containers} containers, ${containersEver} in all; ${counted.joules.toFixed(1)} J counted`,
    )
    t.diagnostic(`${slope.toFixed(3)} MB a minute after the first third; at most ${highest.toFixed(0)} MB`)

    assert.ok(counted.isWhole, `${counted.joules} J were counted, ${exporter.servedJoules} J were served`)
    assert.ok(highest < mostMegabytes, `it took ${highest} MB`)
    if (minutes >= 5) assert.ok(slope < mostMegabytesPerMinute, `memory rises by ${slope} MB a minute`)
  })
})

/** Linux tells it in /proc; elsewhere the soak cannot be run. */
function residentMegabytes(pid: number | undefined): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1000
}

/** What the service counted, once that is what was served: a scrape may be under way when it is asked. */
async function countedJoules(url: string, served: () => number) {
  let joules = Number.NaN
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const before = served()
    const metrics = await (await fetch(`${url}/metrics`)).text()
    joules = Number(/^co2_api_container_joules_total\{[^}]*\} (\S+)$/m.exec(metrics)?.[1])
    if (before === served() && Math.abs(joules - before) <= 1e-9 * before) return { joules, isWhole: true }
    await pause(100)
  }
  return { joules, isWhole: false }
}
