import type { FastifyInstance } from 'fastify'
import { type FakeContainer, type FakeZone, fakeContainers, fakeNodes, fakeZones } from './fake-cluster.ts'
import { emissionsAnswer, provenanceOf, year, zoneFigures } from './fake-emissions.ts'
import { asQuery, type FakeState, iso, one, workOf, zoneOf, zonesIn } from './fake-work.ts'

/** The API as far as the page asks it, with figures that are made up. `state` may change between questions. */
export function serveFakeApi(server: FastifyInstance, state: () => FakeState): void {
  const clusters = new Map<number, readonly FakeContainer[]>()
  const containersOf = ({ containers = 0 }: FakeState) => {
    const known = clusters.get(containers) ?? fakeContainers(containers)
    clusters.set(containers, known)
    return known
  }

  server.addHook('onRequest', async (request, reply) => {
    const { failsWith, isSilent, token } = state()
    if (!request.url.startsWith('/api/') && !request.url.startsWith('/readyz')) return
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) {
      return reply.status(401).send({
        error:
          request.headers.authorization === undefined
            ? 'a token is needed; it must be given as "Authorization: Bearer <token>"'
            : 'the token is not known; ask whoever runs co2-api for one',
      })
    }
    if (state().isOfATeam === true && /v1\/(stream|targets|audit|intensity\/sources)/.test(request.url)) {
      return reply.status(403).send({
        error: 'the token "team" sees shop only; this answer is about all namespaces',
      })
    }
    if (isSilent === true) {
      reply.hijack()
      return
    }
    if (failsWith !== undefined) {
      return reply.status(failsWith).send({ error: 'the database cannot be reached: connection refused' })
    }
    return undefined
  })

  server.get('/api/v1/emissions', async (request, reply) => {
    const query = asQuery(request.query)
    const answer = emissionsAnswer(query, state(), containersOf(state()))
    if (query['format'] !== 'csv') return answer
    const rows = answer.groups.map((group) => [...Object.values(group.key), group.energy_j].join(','))
    return reply.type('text/csv').send(['group,energy_j', ...rows].join('\n'))
  })

  server.get('/api/v1/compare', async (request) => {
    const query = asQuery(request.query)
    const { from, to, joules, coverage, at } = workOf(query, state(), containersOf(state()))
    const home = one(query['home']) ?? state().home ?? 'DE'
    const ranked = fakeZones
      .map((zone) => ({ zone, grams: (joules / 3.6e6) * zone.intensity(at) }))
      .toSorted((left, right) => left.grams - right.grams)
    return {
      from: iso(from),
      to: iso(to),
      as_of: iso(state().now()),
      basis: 'lifecycle',
      signal: 'average',
      defaults: query['home'] === undefined ? ['zone', 'home'] : ['zone'],
      energy_j: joules,
      coverage,
      warnings: [],
      home,
      zones: ranked.map(({ zone, grams }, index) => ({
        rank: index + 1,
        ...zoneFigures(zone, grams, at),
        saving_g: 0,
        saving_share: 0,
        provenance: [provenanceOf(zone, 1)],
        worst_age_s: zone.method === 'annual-average' ? null : 840,
      })),
      without_figures: [],
    }
  })

  server.get('/api/v1/shift', async (request) => {
    const query = asQuery(request.query)
    const now = state().now()
    const zones = zonesIn(query, state())
    const { joules, from, to } = workOf(query, state(), containersOf(state()))
    const work = (joules / ((to - from) / 1000)) * 3600
    const grams = (zone: FakeZone, at: number) => (work / 3.6e6) * zone.intensity(at)
    const home = zones[0]
    const live = zones.filter(({ hasForecast }) => hasForecast)
    const profiled = zones.filter(({ method }) => method !== 'annual-average')
    const starts = Array.from({ length: 24 }, (_, hours) => Math.ceil(now / 3.6e6) * 3.6e6 + hours * 3.6e6)
    const bestOf = (zone: FakeZone) =>
      starts.toSorted((left, right) => grams(zone, left) - grams(zone, right))[0] ?? now
    const about = (zone: FakeZone, at: number) => ({
      zone: zone.zone,
      name: zone.name,
      co2_g: grams(zone, at),
      mean_intensity_g_per_kwh: zone.intensity(at),
      provenance: [provenanceOf(zone, 1)],
    })
    if (home === undefined) throw new Error('no zone')
    return {
      as_of: iso(now),
      work: { energy_j: work, duration_s: 3600, mean_power_w: work / 3600 },
      home: home.zone,
      now: about(home, now),
      forecast: live.map((zone) => {
        const at = bestOf(zone)
        return { ...about(zone, at), begins_at: iso(at), ends_at: iso(at + 3.6e6), kind: 'forecast' }
      }),
      without_forecast: zones
        .filter((zone) => !live.includes(zone))
        .map(({ zone }) => ({ zone, reason: 'no source forecasts it' })),
      usual: {
        ...about(home, now),
        hour_of_day_utc: new Date(now).getUTCHours(),
        days: 7,
        kind: 'last-7-days',
      },
      profile: profiled.map((zone) => {
        const at = bestOf(zone)
        return {
          ...about(zone, at),
          hour_of_day_utc: new Date(at).getUTCHours(),
          days: 7,
          kind: 'last-7-days',
        }
      }),
      flat: zones.filter((zone) => !profiled.includes(zone)).map(({ zone }) => zone),
    }
  })

  server.get('/api/v1/intensity', async (request) => {
    const query = asQuery(request.query)
    const now = state().now()
    const start = Date.parse(one(query['start']) ?? iso(now - 86.4e6))
    const end = Date.parse(one(query['end']) ?? iso(now))
    const zone = zoneOf(one(query['zone']) ?? 'DE')
    return {
      zone: zone.zone,
      basis: 'lifecycle',
      signal: 'average',
      as_of: iso(now),
      pieces: piecesOf(zone, { start, end, now }),
    }
  })

  server.get('/api/v1/zones', async () =>
    fakeZones.map(({ zone, name }) => ({ zone, name, country: zone, parts: [], has_figures: true })),
  )

  server.get('/api/v1/targets', async () => {
    const { now, targetError, intervalSeconds = 10, measuredSince } = state()
    const hasStarted = measuredSince < now()
    return {
      targets: fakeNodes.map((node, at) => {
        const fails =
          targetError !== undefined && (at === 3 || !hasStarted || state().measuredUntil !== undefined)
        return {
          target: targetOf(at),
          state: fails ? (hasStarted ? 'failing' : 'never') : hasStarted ? 'ok' : 'never',
          dialect: hasStarted ? (at === 4 ? 'legacy' : 'current') : null,
          nodes: hasStarted
            ? [{ node, basis: at === 4 ? 'legacy, container' : 'current, container: package + dram' }]
            : [],
          last_success: hasStarted
            ? iso((fails ? (state().measuredUntil ?? now() - 400_000) : now()) - 3000 - at * 800)
            : null,
          last_error: fails ? targetError : at === 1 ? 'the answer broke off after 12 kB' : null,
          last_error_at: fails ? iso(now() - 4000) : at === 1 ? iso(now() - 5_400_000) : null,
          failures_in_a_row: fails ? 41 : 0,
          last_scrape_s: hasStarted ? 0.012 + at * 0.004 : null,
          notes: at === 4 ? ['Kepler 0.9 counts no energy for pods that it has not named yet.'] : [],
          unread_lines: { count: 0, first: [] },
        }
      }),
      scrape_interval_s: intervalSeconds,
    }
  })

  server.get('/api/v1/intensity/sources', async () => {
    const now = state().now()
    const source = (at: number, id: string, name: string, more: object = {}) => ({
      source: id,
      name,
      url: `https://${id}.example`,
      licence: at % 2 === 0 ? 'CC BY 4.0' : 'Open Government Licence v3.0',
      attribution: `Source: ${name}`,
      basis: 'lifecycle',
      signal: 'average',
      zones: 12 + at * 3,
      state: 'usable',
      requests: 412 - at * 31,
      failures: at,
      failures_in_a_row: 0,
      facts: 3104,
      last_success: iso(now - 240_000 - at * 60_000),
      last_error: null,
      last_error_at: null,
      ...more,
    })
    return [
      source(0, 'energy-charts', 'Energy-Charts, Fraunhofer ISE'),
      source(1, 'neso', 'National Energy System Operator'),
      source(2, 'rte-eco2mix', 'RTE éCO2mix'),
      source(3, 'entsoe', 'ENTSO-E Transparency Platform', {
        state: 'resting',
        resting_until: iso(now + 900_000),
        resting_because: 'it answered with status 503',
        failures_in_a_row: 4,
        last_error: 'status 503 after 4 attempts',
        last_error_at: iso(now - 120_000),
      }),
      source(4, 'energinet', 'Energinet'),
    ]
  })

  server.get('/readyz', async (_request, reply) => {
    const { measuredSince, measuredUntil, now } = state()
    const isReady = measuredSince < now() && measuredUntil === undefined
    return reply.status(isReady ? 200 : 503).send({
      ready: isReady,
      reasons: isReady ? [] : ['no target has been read with success for 35 s'],
      warnings: state().targetError === undefined ? [] : ['1 of 5 targets does not answer'],
    })
  })

  server.get('/api/v1/audit', async (request) => {
    const query = asQuery(request.query)
    const { from, to, joules, coverage } = workOf(query, state(), containersOf(state()))
    const outages = state().outages ?? []
    const books = (share: number) => ({
      coverage,
      samples: Math.round(((to - from) / 10_000) * share * 62),
      energy_j: joules * share,
      attributed_j: joules * share * 0.9987,
      unnamed_j: joules * share * 0.0013,
      counter_advance_j: joules * share,
      residual_j: 0,
      node_active_j: joules * share * 1.04,
      node_idle_j: joules * share * 0.61,
      resets: 3,
      started: 41,
      terminated: 38,
      reappeared: 1,
      gaps: outages.length === 0 ? {} : { 'scrape-missed': 62, 'exporter-restarted': 17, 'counter-reset': 3 },
      refused: { readings: 0, claimed_j: 0 },
    })
    return {
      from: iso(from),
      to: iso(to),
      as_of: iso(state().now()),
      nodes: fakeNodes.map((node, at) => ({
        node,
        target: targetOf(at),
        basis: 'current, container: package + dram',
        ...books(0.2),
      })),
      total: books(1),
      gaps: outages.map((outage, at) => ({
        node: `worker-${at + 2}`,
        component: null,
        namespace: 'shop',
        pod: 'postgres-0',
        container: 'postgres',
        from: iso(outage.from),
        to: iso(outage.to),
        cause: 'scrape-missed',
        claimed_j: null,
      })),
      gap_count: outages.length === 0 ? 0 : 82,
      unread_lines: 0,
      set_aside: 0,
      dropped: 0,
      balanced: true,
      explanation: ['What counters advanced by is what was attributed to containers, to within a millionth.'],
    }
  })

  server.get('/api/v1/stream', async (request, reply) => {
    const zones = zonesIn(asQuery(request.query), state())
    const { now, intervalSeconds = 10 } = state()
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    let id = 0
    const say = (name: string, data: object) => {
      id += 1
      reply.raw.write(`id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
    }
    say('hello', {
      at: iso(now()),
      scrape_interval_s: intervalSeconds,
      zones: zones.map(({ zone }) => zone),
      defaults: [],
    })
    const scrapes = () => {
      const { measuredSince, measuredUntil, targetError } = state()
      const at = state().now()
      if (measuredSince >= at) return
      const byNode = Map.groupBy(containersOf(state()), ({ node }) => node)
      for (const [index, node] of [...byNode.keys()].toSorted((a, b) => a.localeCompare(b)).entries()) {
        const target = targetOf(index)
        if (measuredUntil !== undefined || (targetError !== undefined && index === 3)) {
          say('failure', { at: iso(at), target, failure: 'unreachable', message: targetError ?? 'no answer' })
          continue
        }
        const containers = byNode.get(node) ?? []
        const watts = containers.reduce((sum, container) => sum + container.watts(at), 0)
        const rates = Object.fromEntries(
          zones.map((zone) => [zone.zone, (watts / 1000) * zone.intensity(at)]),
        )
        say('scrape', {
          at: iso(at),
          target,
          node,
          interval_s: intervalSeconds,
          energy_j: watts * intervalSeconds,
          mean_power_w: watts,
          containers: containers.length,
          co2_g: Object.fromEntries(
            Object.entries(rates).map(([zone, rate]) => [zone, (rate * intervalSeconds) / 3600]),
          ),
          co2_g_per_h: rates,
          intensity_method: Object.fromEntries(zones.map(({ zone, method }) => [zone, method])),
        })
      }
    }
    scrapes()
    const timer = setInterval(scrapes, 1000)
    request.raw.once('close', () => clearInterval(timer))
  })
}

/** The target that counts the energy of a node. */
function targetOf(at: number): string {
  return `http://10.0.3.${21 + at}:28282/metrics`
}

function piecesOf(zone: FakeZone, { start, end, now }: { start: number; end: number; now: number }) {
  const average = {
    intensity_source: 'ember-annual',
    intensity_method: 'annual-average',
    intensity_year: year,
    learned_at: null,
  }
  if (zone.method === 'annual-average') {
    return [{ from: iso(start), to: iso(end), g_per_kwh: zone.intensity(start), ...average }]
  }
  const step = zone.zone === 'PL' ? 3.6e6 : 0.9e6
  const pieces: object[] = []
  for (let from = Math.floor(start / step) * step; from < end; from += step) {
    const isAhead = from > now
    if (isAhead && (!zone.hasForecast || from > now + 64.8e6)) {
      pieces.push({ from: iso(from), to: iso(end), g_per_kwh: 363, ...average })
      break
    }
    pieces.push({
      from: iso(Math.max(from, start)),
      to: iso(Math.min(from + step, end)),
      g_per_kwh: zone.intensity(from),
      intensity_source: zone.source,
      intensity_method: isAhead ? 'forecast' : zone.method,
      learned_at: iso(Math.min(from + step, now)),
    })
  }
  return pieces
}
