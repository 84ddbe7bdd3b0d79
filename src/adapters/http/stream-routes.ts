import { Readable } from 'node:stream'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Static } from 'typebox'
import type { Heard } from '../../flows/scrape-broadcast.ts'
import type { ScrapeNews } from '../../flows/scrape-news.ts'
import { isoWithMicroseconds, secondsBetween } from '../../units.ts'
import type { ApiPorts } from './api-ports.ts'
import { leftOut, understandZones, zoneParameter } from './energy-question.ts'
import { goneSignal } from './gone-signal.ts'
import * as Type from './json-schema.ts'
import { Problem, RequestError } from './problem.ts'
import { Time } from './time-in-answers.ts'

const NumberOrNull = Type.Union([Type.Number(), Type.Null()])

const StreamHello = Type.Object(
  {
    at: Time,
    scrape_interval_s: Type.Number(),
    zones: Type.Array(Type.String()),
    defaults: Type.Array(Type.String()),
  },
  { $id: 'StreamHello', title: 'StreamHello', description: 'The data of the first event, `hello`.' },
)

const StreamScrape = Type.Object(
  {
    at: Time,
    target: Type.String(),
    node: Type.String(),
    interval_s: Type.Number({ description: '0 for the first scrape of a node, which counts nothing.' }),
    energy_j: Type.Number(),
    mean_power_w: Type.Number({
      description: 'The sum of the containers’ mean powers, each over the time since it was last read.',
    }),
    containers: Type.Integer(),
    co2_g: Type.Record(Type.String(), NumberOrNull, {
      description: 'By zone, with the intensities known when it was recorded; null where none is known.',
    }),
    co2_g_per_h: Type.Record(Type.String(), NumberOrNull),
    intensity_method: Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()])),
  },
  { $id: 'StreamScrape', title: 'StreamScrape', description: 'The data of an event `scrape`.' },
)

const StreamFailure = Type.Object(
  { at: Time, target: Type.String(), failure: Type.String(), message: Type.String() },
  { $id: 'StreamFailure', title: 'StreamFailure', description: 'The data of an event `failure`.' },
)

type Events = {
  readonly hello: Static<typeof StreamHello>
  readonly scrape: Static<typeof StreamScrape>
  readonly failure: Static<typeof StreamFailure>
}

const mostZones = 50

/** What scrapes bring, as it comes. */
export function streamRoutes(ports: ApiPorts): FastifyPluginAsyncTypebox {
  return async (server) => {
    for (const schema of [StreamHello, StreamScrape, StreamFailure]) server.addSchema(schema)
    // A stream would never end by itself, and a server that stops waits for the answers that are under way.
    const stopping = new AbortController()
    server.addHook('preClose', async () => stopping.abort())

    server.get(
      '/api/v1/stream',
      {
        // There is nothing to say about a stream without giving it.
        exposeHeadRoute: false,
        config: { access: 'fleet' },
        schema: {
          tags: ['emissions'],
          summary: 'What each scrape brings, as server-sent events',
          description:
            'First `hello` (StreamHello), then `scrape` (StreamScrape) for each scrape of a node and `failure` (StreamFailure) for each scrape that failed, with ascending ids; a comment after 15 s of silence. A listener that does not keep up is cut off, and what it missed is not sent again: GET /api/v1/emissions has it.',
          querystring: Type.Object(zoneParameter),
          response: {
            200: { content: { 'text/event-stream': { schema: Type.Unsafe<Readable>(Type.String()) } } },
            400: Problem,
            503: Problem,
          },
        },
        logLevel: 'warn',
      },
      async (request, reply) => {
        const zones = understandZones(request.query.zone, ports.zones) ?? [homeZone(ports)]
        refuseMany(zones)
        const signal = AbortSignal.any([goneSignal(reply), stopping.signal])
        const listening = ports.scrapes.listen(signal)
        if (listening.kind === 'full') {
          throw new RequestError(
            503,
            `${listening.most} listeners are served already, which is the most; try again later`,
          )
        }
        const hello = {
          at: isoWithMicroseconds(ports.now()),
          scrape_interval_s: ports.scrapeIntervalSeconds,
          zones: [...zones],
          defaults: [...leftOut({ zone: request.query.zone })],
        }
        async function* text(): AsyncGenerator<string> {
          if (listening.kind === 'full') return
          yield eventText(listening.lastId, 'hello', hello)
          for await (const heard of listening.heard) yield textOf(heard, zones)
        }
        const stream = Readable.from(text(), { objectMode: false })
        listening.dropped.addEventListener('abort', () => stream.destroy(), { once: true })
        return reply
          .headers({
            'content-type': 'text/event-stream; charset=utf-8',
            'cache-control': 'no-store',
            // A proxy that gathers the answer before it passes it on would keep it for ever.
            'x-accel-buffering': 'no',
            connection: 'close',
          })
          .send(stream)
      },
    )
  }
}

/** Who listens without naming a zone asks about this one. */
function homeZone({ homeZone: zone, zones }: ApiPorts): string {
  zones.want(zone)
  return zone
}

/** Throws RequestError (400). */
function refuseMany(zones: readonly string[]): void {
  if (zones.length <= mostZones) return
  throw new RequestError(400, `zone names ${zones.length} zones; at most ${mostZones} are accepted here`)
}

function textOf(heard: Heard, zones: readonly string[]): string {
  if (heard.kind === 'beat') return ': beat\n\n'
  const { id, news } = heard
  if (news.kind === 'scrape') return eventText(id, 'scrape', scrapeOf(news, zones))
  const { at, target, failure, message } = news
  return eventText(id, 'failure', { at: isoWithMicroseconds(at), target, failure, message })
}

/** JSON has no line breaks of its own, so that the data is one line. */
function eventText<Kind extends keyof Events>(id: number, event: Kind, data: Events[Kind]): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

function scrapeOf(
  { target, node, during, energy, meanPower, containers, emissionsIn }: ScrapeNews & { kind: 'scrape' },
  zones: readonly string[],
): Events['scrape'] {
  const perZone = zones.map((zone) => [zone, emissionsIn(zone)] as const)
  return {
    at: isoWithMicroseconds(during.to),
    target,
    node,
    interval_s: secondsBetween(during.from, during.to),
    energy_j: energy,
    mean_power_w: meanPower,
    containers,
    co2_g: Object.fromEntries(perZone.map(([zone, { emitted }]) => [zone, emitted ?? null])),
    co2_g_per_h: Object.fromEntries(perZone.map(([zone, { gramsPerHour }]) => [zone, gramsPerHour ?? null])),
    intensity_method: Object.fromEntries(
      perZone.map(([zone, { methods }]) => [zone, methods.length === 0 ? null : methods.join(', ')]),
    ),
  }
}
