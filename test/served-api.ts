import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import type { ApiPorts } from '../src/adapters/http/api-ports.ts'
import { type HttpOptions, openToEverybody } from '../src/adapters/http/http-options.ts'
import { createHttpServer } from '../src/adapters/http/server.ts'
import { createMemoryStore } from '../src/adapters/memory/memory-store.ts'
import { systemClock } from '../src/adapters/system/system-clock.ts'
import { readZoneDirectory } from '../src/adapters/zones/zones.ts'
import { createBooksHistory } from '../src/energy/books-history.ts'
import { createEnergyLedger, type EnergyLedger } from '../src/energy/energy-ledger.ts'
import type { LedgerPage } from '../src/energy/ledger-page.ts'
import { StoreError } from '../src/energy/measurement-store.ts'
import { ownersFromPodNames } from '../src/energy/owner-from-pod-name.ts'
import type { Workload } from '../src/energy/workload.ts'
import type { OwnerDirectory } from '../src/energy/workload-owner.ts'
import { createEnergyAuditor } from '../src/flows/audit-energy.ts'
import { createZoneComparer } from '../src/flows/compare-zones.ts'
import { createEnergyReadings } from '../src/flows/read-energy.ts'
import { createSampleReader, type ReadableStore } from '../src/flows/read-samples.ts'
import { createEmissionsReporter } from '../src/flows/report-emissions.ts'
import { createGroupEmissionsReporter } from '../src/flows/report-group-emissions.ts'
import { createScrapeBroadcast } from '../src/flows/scrape-broadcast.ts'
import { createWorkShifter } from '../src/flows/shift-work.ts'
import { createEmissionsSummer } from '../src/flows/sum-emissions.ts'
import type { IntensityFact } from '../src/intensity/fact.ts'
import { createFactBook } from '../src/intensity/fact-book.ts'
import { gramsPerKilowattHour, type Instant, instant, watts } from '../src/units.ts'
import { readingsOf } from './counter-readings.ts'
import { type MeasuredEnergy, readerOf } from './fake-energy.ts'

/** 2026-02-11T10:00:00Z and so many seconds. */
export function atSecond(second: number): Instant {
  return instant(Date.UTC(2026, 1, 11, 10) + second * 1000)
}

export const busybox: Workload = { namespace: 'default', pod: 'busybox-worker', container: 'busybox' }

/** A configured intensity for all time, in g/kWh. */
export function configured(zone: string, grams: number, more: Partial<IntensityFact> = {}): IntensityFact {
  return {
    zone,
    valid: { from: instant(-Infinity), to: instant(Infinity) },
    intensity: gramsPerKilowattHour(grams),
    source: 'override',
    method: { kind: 'configured' },
    signal: 'average',
    basis: 'lifecycle',
    rank: 0,
    learnedAt: instant(-Infinity),
    ...more,
  }
}

/** A counter as an exporter shows it: joules at so many seconds. */
export type CounterAt = readonly [second: number, joules: number]

/** Enters scrapes of one node into a ledger, each with the one counter of the workload; gives the pages. */
export function recordCounter(
  ledger: EnergyLedger,
  counter: readonly CounterAt[],
  workload: Workload = busybox,
): readonly LedgerPage[] {
  const pages: LedgerPage[] = []
  for (const [second, joules] of counter) {
    const entry = ledger.record({
      node: `node of ${workload.pod}`,
      at: atSecond(second),
      basis: 'current/container/package',
      level: 'container',
      readings: readingsOf([
        {
          containerId: 'c1',
          component: 'package',
          mode: 'dynamic',
          state: 'running',
          naming: { kind: 'named', workload },
          joules,
        },
      ]),
      nodeReadings: [],
      unreadLines: 0,
    })
    if (entry.kind === 'recorded') pages.push(entry.page)
  }
  return pages
}

/** An energy ledger as a service that scrapes every ten seconds has it. */
export function createTestLedger(): EnergyLedger {
  return createEnergyLedger({ nodeMaxWatts: watts(1000), scrapeIntervalSeconds: 10, retentionSeconds: 3600 })
}

const storeThatFails: ReadableStore = {
  whenAway: 'warn',
  async *samplesOf() {
    yield* []
    throw new StoreError('the disk is full')
  },
  async workloadsSince() {
    throw new StoreError('the disk is full')
  },
}

/** The server of the API over real books, a minute after the ten o'clock of `atSecond`. */
export async function serveApi(
  given: {
    readonly counter?: readonly CounterAt[]
    readonly facts?: readonly IntensityFact[]
    /** There is a second store, without which answers can be given, and it fails. */
    readonly isStoreAway?: boolean
    /** What questions about many containers find, instead of the counter. */
    readonly energy?: readonly MeasuredEnergy[]
    readonly owners?: OwnerDirectory
    readonly onWant?: (zone: string) => void
    readonly ports?: Partial<ApiPorts>
    readonly http?: Partial<HttpOptions>
  } = {},
): Promise<FastifyInstance> {
  const now = () => atSecond(60)
  const ledger = createTestLedger()
  const store = createMemoryStore(3600)
  await store.write({ pages: recordCounter(ledger, given.counter ?? []), states: [] })
  const intensities = createFactBook()
  intensities.add(given.facts ?? [configured('DE', 148)])
  const owners = given.owners ?? ownersFromPodNames
  const measured = given.energy
  const readEnergy =
    measured === undefined
      ? createEnergyReadings({ memory: store, stored: undefined, storedWithinSeconds: 60, mostRows: 100_000 })
      : () => readerOf(measured)
  const sum = createEmissionsSummer({ readEnergy, intensities, pause: async () => {} })
  const ports: ApiPorts = {
    startedAt: atSecond(0),
    version: '1.2.3',
    reportEmissions: createEmissionsReporter({
      samples: createSampleReader(
        [{ ...store, whenAway: 'fail' }, ...(given.isStoreAway ? [storeThatFails] : [])],
        1000,
      ),
      intensities,
      now,
    }),
    reportGroupEmissions: createGroupEmissionsReporter({ sum, owners }),
    compareZones: createZoneComparer({ sum, owners, intensities }),
    shiftWork: createWorkShifter({ sum, owners, intensities, now }),
    queryTimeoutSeconds: 5,
    zones: {
      directory: readZoneDirectory(),
      hasFigures: (zone) => intensities.zones().includes(zone),
      want: given.onWant ?? (() => {}),
    },
    homeZone: 'DE',
    intensities,
    sources: () => [],
    scrapeIntervalSeconds: 10,
    targets: () => [],
    scrapes: createScrapeBroadcast(systemClock),
    auditEnergy: createEnergyAuditor({
      stores: [{ ...store, whenAway: 'fail' }],
      booksHistory: createBooksHistory(3600),
      lookBackSeconds: 35,
    }),
    countedSinceStart: () => ({
      startedAt: atSecond(0),
      books: ledger.books(),
      unreadLines: 0,
      setAside: 0,
      dropped: 0,
      waiting: 0,
    }),
    now,
    workloads: async () => ledger.workloads(),
    latestIntensities: () => intensities.zones().flatMap((zone) => intensities.latest(zone, now()) ?? []),
    readiness: () => ({
      isReady: true,
      reasons: [],
      warnings: [],
      lastScrapeSuccessAt: undefined,
      lastScrapeFailureAt: undefined,
    }),
    metrics: () => [],
    ...given.ports,
  }
  return createHttpServer(ports, pino({ level: 'silent' }), { ...openToEverybody, ...given.http })
}

/** Posts a body as JSON to the emissions of a container. */
export async function askEmissions(server: FastifyInstance, body: unknown) {
  return server.inject({
    method: 'POST',
    url: '/api/co2-per-container',
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify(body),
  })
}

/** A JSON text read, with numbers at twelve significant digits: what can be worked out by hand. */
export function roundedJson(text: string) {
  return JSON.parse(text, (_key, value) =>
    typeof value === 'number' ? Number(value.toPrecision(12)) : value,
  )
}
