/**
 * The API over a fleet in memory and, on another port, a handler of the same framework that answers a posted body with a
 * text it has ready. Tells its parent both ports, and ends with it.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import fastify from 'fastify'
import { pino } from 'pino'
import { createMemoryStore } from '../../src/adapters/memory/memory-store.ts'
import { ownersFromPodNames } from '../../src/energy/owner-from-pod-name.ts'
import { createEnergyReadings } from '../../src/flows/read-energy.ts'
import { createSampleReader } from '../../src/flows/read-samples.ts'
import { createEmissionsReporter } from '../../src/flows/report-emissions.ts'
import { createGroupEmissionsReporter } from '../../src/flows/report-group-emissions.ts'
import { createEmissionsSummer } from '../../src/flows/sum-emissions.ts'
import { createFactBook } from '../../src/intensity/fact-book.ts'
import { instant } from '../../src/units.ts'
import { measuredFact } from '../../test/measured-fact.ts'
import { askEmissions, serveApi } from '../../test/served-api.ts'
import { type Fleet, fleetIn, pagesOf, questionAbout } from './fleet.ts'

const quarterMs = 900_000
const listening = { host: '127.0.0.1', port: 0 }

/** Quarter hours of a day, of two countries. */
function factsUntil(lastScrapeMs: number) {
  const first = Math.floor(lastScrapeMs / quarterMs) * quarterMs
  return ['DE', 'FR'].flatMap((zone) =>
    Array.from({ length: 96 }, (_, back) => {
      const from = first - back * quarterMs
      return measuredFact(100 + back, from, from + quarterMs, { zone, source: 'energy-charts' })
    }),
  )
}

async function serveFleet(fleet: Fleet) {
  const store = createMemoryStore(86_400)
  for (const page of pagesOf(fleet)) await store.write({ pages: [page], states: [] })
  const facts = factsUntil(fleet.lastScrapeMs)
  const intensities = createFactBook()
  intensities.add(facts)
  const now = () => instant(fleet.lastScrapeMs)
  const samples = createSampleReader([{ ...store, whenAway: 'fail' }], 1_000_000)
  const readEnergy = createEnergyReadings({
    memory: store,
    stored: undefined,
    storedWithinSeconds: 60,
    mostRows: 20_000_000,
  })
  const sum = createEmissionsSummer({ readEnergy, intensities, pause: () => nextTurn() })
  return await serveApi({
    facts,
    ports: {
      now,
      reportEmissions: createEmissionsReporter({ samples, intensities, now }),
      reportGroupEmissions: createGroupEmissionsReporter({ sum, owners: ownersFromPodNames }),
    },
  })
}

async function serveText(text: string) {
  const server = fastify({ loggerInstance: pino({ level: 'silent' }) })
  server.post('/', async (_request, reply) => reply.type('application/json; charset=utf-8').send(text))
  return await server.listen(listening)
}

process.on('disconnect', () => process.exit())
const fleet = fleetIn(process.argv[2])
const api = await serveFleet(fleet)
const example = await askEmissions(api, questionAbout(0))
if (example.statusCode !== 200) throw new Error(example.body)
process.send?.({
  apiUrl: await api.listen(listening),
  textUrl: await serveText(example.body),
})
