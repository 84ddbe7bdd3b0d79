import { createEiaSource } from '../adapters/eia/eia-source.ts'
import { createEirGridSource } from '../adapters/eirgrid/eirgrid-source.ts'
import { createElectricityMapsSource } from '../adapters/electricity-maps/electricity-maps-source.ts'
import { createEliaSource } from '../adapters/elia/elia-source.ts'
import { readEmissionFactors } from '../adapters/emission-factors/emission-factors.ts'
import { createEnerginetSource } from '../adapters/energinet/energinet-source.ts'
import { createEnergyChartsSource } from '../adapters/energy-charts/energy-charts-source.ts'
import { createNesoSource } from '../adapters/neso/neso-source.ts'
import { createEco2mixSource } from '../adapters/rte-eco2mix/eco2mix-source.ts'
import { readUserEndpoint } from '../adapters/user-endpoint/read-user-endpoint.ts'
import { createUserEndpointSource } from '../adapters/user-endpoint/user-endpoint-source.ts'
import { createWattTimeSource } from '../adapters/watttime/watttime-source.ts'
import { createRememberedGet } from '../adapters/web/remembered-get.ts'
import type { WebClient } from '../adapters/web/web-client.ts'
import type { IntensityConfig } from '../config.ts'
import type { Clock } from '../flows/clock.ts'
import { createPacedGet } from '../flows/paced-get.ts'
import type { HttpGet } from '../intensity/http-get.ts'
import type { IntensitySource } from '../intensity/source.ts'
import { sourceRank } from '../intensity/source-rank.ts'
import type { WebSourceOptions } from '../intensity/web-source.ts'
import type { ZoneDirectory } from '../intensity/zone.ts'
import { type IntensitySourceName, intensitySourceNames } from '../settings.ts'
import { StartError } from './start-inputs.ts'

/** Behind the last good value of another source, before the annual averages. */
const pageRank = 950

/** The live sources of the configuration, best first. Disposing lets go of their connections. */
export type LiveSources = AsyncDisposable & { readonly sources: readonly IntensitySource[] }

/** Throws StartError when a source is named that has no key, or when the endpoint's description does not hold. */
export async function createLiveSources(
  config: IntensityConfig,
  {
    directory,
    clock,
    onNotice,
  }: {
    readonly directory: ZoneDirectory
    readonly clock: Clock
    readonly onNotice: (notice: string) => void
  },
): Promise<LiveSources> {
  await using opening = new AsyncDisposableStack()
  const rememberedGet = createRememberedGet(opening.use(createWebGet()).httpGet)
  const problems: string[] = []
  const sources: IntensitySource[] = []
  for (const name of config.sources ?? intensitySourceNames) {
    if (name === 'electricity-maps-page') {
      // It is on where a browser is set or where it is named.
      if (config.sources === undefined && config.chromeBinary === undefined) continue
      const { createElectricityMapsPageSource } = await import(
        '../adapters/electricity-maps-page/electricity-maps-page-source.ts'
      )
      sources.push(
        opening.use(
          createElectricityMapsPageSource({
            rank: pageRank,
            now: () => clock.now(),
            chromeBinary: config.chromeBinary,
            chromedriverBinary: config.chromedriverBinary,
            zones: directory.all().map(({ code }) => code),
            pageTimeoutSeconds: 30,
            tabs: 4,
            idleSeconds: 60,
            onNotice,
          }),
        ),
      )
      continue
    }
    const make = await makerOf(name, config, directory)
    if (make.kind === 'source') {
      const rank = sourceRank.firstLive + sources.length
      // Who it is tells the pace at which it may be asked, so it is made twice.
      const { secondsBetweenRequests } = make.create({
        httpGet: rememberedGet,
        rank,
        now: () => clock.now(),
      }).about
      const httpGet = createPacedGet(rememberedGet, secondsBetweenRequests, clock)
      sources.push(make.create({ httpGet, rank, now: () => clock.now() }))
    } else if (make.kind === 'problems') problems.push(...make.problems)
    else if (config.sources !== undefined)
      problems.push(`INTENSITY_SOURCES names ${name}, for which ${make.missing} is not set`)
  }
  if (problems.length > 0) throw new StartError(problems)
  const opened = opening.move()
  return { sources, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

/** Asks the web with a client that is loaded and made at the first question: where no zone is in demand there is none. */
function createWebGet(): AsyncDisposable & { readonly httpGet: HttpGet } {
  let loading: Promise<WebClient> | undefined
  const load = async () => {
    const { createWebClient } = await import('../adapters/web/web-client.ts')
    return createWebClient()
  }
  return {
    async httpGet(url, options) {
      loading ??= load()
      return await (await loading).httpGet(url, options)
    },
    async [Symbol.asyncDispose]() {
      await (await loading)?.close()
    },
  }
}

type Maker =
  | { readonly kind: 'source'; readonly create: (options: WebSourceOptions) => IntensitySource }
  | { readonly kind: 'not-configured'; readonly missing: string }
  | { readonly kind: 'problems'; readonly problems: readonly string[] }

async function makerOf(
  name: Exclude<IntensitySourceName, 'electricity-maps-page'>,
  config: IntensityConfig,
  directory: ZoneDirectory,
): Promise<Maker> {
  const withKey = (
    missing: string,
    key: string | undefined,
    create: (key: string) => (options: WebSourceOptions) => IntensitySource,
  ): Maker =>
    key === undefined ? { kind: 'not-configured', missing } : { kind: 'source', create: create(key) }
  switch (name) {
    case 'endpoint':
      return config.endpointFile === undefined
        ? { kind: 'not-configured', missing: 'INTENSITY_ENDPOINT' }
        : await endpointMaker(config.endpointFile, directory)
    case 'electricity-maps':
      return withKey(
        'ELECTRICITYMAPS_TOKEN',
        config.electricityMapsToken,
        (token) => (options) =>
          createElectricityMapsSource({ ...options, token, zones: directory.all().map(({ code }) => code) }),
      )
    case 'eia':
      return withKey(
        'EIA_API_KEY',
        config.eiaApiKey,
        (apiKey) => (options) =>
          createEiaSource({ ...options, apiKey, factors: readEmissionFactors('ar5-2014') }),
      )
    case 'watttime': {
      const { wattTime } = config
      return wattTime === undefined
        ? { kind: 'not-configured', missing: 'WATTTIME_USERNAME' }
        : { kind: 'source', create: (options) => createWattTimeSource({ ...options, ...wattTime }) }
    }
    case 'energy-charts':
      return { kind: 'source', create: createEnergyChartsSource }
    case 'entsoe': {
      const { entsoeToken } = config
      if (entsoeToken === undefined) return { kind: 'not-configured', missing: 'ENTSOE_TOKEN' }
      const { createEntsoeSource } = await import('../adapters/entsoe/entsoe-source.ts')
      const factors = readEmissionFactors('ar5-2014')
      return {
        kind: 'source',
        create: (options) => createEntsoeSource({ ...options, securityToken: entsoeToken, factors }),
      }
    }
    case 'neso':
      return { kind: 'source', create: createNesoSource }
    case 'energinet':
      return { kind: 'source', create: createEnerginetSource }
    case 'rte-eco2mix':
      return { kind: 'source', create: createEco2mixSource }
    case 'eirgrid':
      return { kind: 'source', create: createEirGridSource }
    case 'elia':
      return { kind: 'source', create: createEliaSource }
  }
}

async function endpointMaker(file: string, directory: ZoneDirectory): Promise<Maker> {
  const reading = await readUserEndpoint(file, directory)
  if (reading.kind === 'problems') return reading
  const { description, headers } = reading
  return {
    kind: 'source',
    create: (options) => createUserEndpointSource({ ...options, description, headers }),
  }
}
