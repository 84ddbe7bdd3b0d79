import { failureOfStatus } from '../../intensity/answer-failure.ts'
import { createAnswerReader } from '../../intensity/answer-reader.ts'
import { dayMs } from '../../intensity/calendar.ts'
import type { EmissionFactors } from '../../intensity/generation-mix.ts'
import type { HttpAnswer } from '../../intensity/http-get.ts'
import { createMixSource } from '../../intensity/mix-source.ts'
import { type AboutSource, type IntensitySource, SourceError } from '../../intensity/source.ts'
import { addressBelow, type WebSourceOptions } from '../../intensity/web-source.ts'
import type { Instant, Interval } from '../../units.ts'
import { readAreas } from './areas.ts'
import { type GenerationStep, generatedIntervals } from './generated-intervals.ts'
import { parseGenerationDocument } from './generation-document.ts'
import { technologyOfProductionType } from './production-types.ts'

const id = 'entsoe'

const about: AboutSource = {
  name: 'ENTSO-E Transparency Platform (production mix x emission factors, imports not counted)',
  url: 'https://transparency.entsoe.eu',
  licence: 'ENTSO-E Transparency Platform terms and conditions',
  attribution: 'ENTSO-E Transparency Platform',
  signal: 'average',
  basis: 'lifecycle',
  everySeconds: 900,
  /** 400 requests a minute are allowed, per address and per key; more, and both are shut out for ten minutes. */
  secondsBetweenRequests: 1,
}

const name = 'ENTSO-E'
const lockoutSeconds = 600

const defaultBaseUrl = new URL('https://web-api.tp.entsoe.eu')

/** What is late comes in bursts, and what came early is corrected. */
const latestMs = dayMs
/** An answer for a week takes about a megabyte. */
const daysPerRequest = 7

/**
 * Carbon intensity from what plants in a zone generated, per production type (document A75 of ENTSO-E), times a set
 * of emission factors. gCO2e per kWh generated, over the life cycle; imports and exports are not counted. In steps of
 * 15 to 60 minutes, some hours late. Needs a security token, which the platform gives by mail.
 * Source: Transparency Platform RESTful API, Static Content, "Actual Generation per Production Type".
 */
export function createEntsoeSource(
  options: WebSourceOptions & {
    readonly securityToken: string
    readonly factors: EmissionFactors
  },
): IntensitySource {
  const { httpGet, rank, now, baseUrl = defaultBaseUrl, securityToken, factors } = options
  const reader = createAnswerReader(name, now)

  async function generation(
    eic: string,
    during: Interval,
    signal: AbortSignal,
  ): Promise<readonly GenerationStep[]> {
    const url = addressBelow(baseUrl, 'api', {
      securityToken,
      documentType: 'A75',
      processType: 'A16',
      in_Domain: eic,
      periodStart: compact(during.from),
      periodEnd: compact(during.to),
    })
    const answer = await httpGet(url, { headers: { accept: 'application/xml' }, signal })
    if (answer.status !== 200 && answer.status !== 400) throw failureOf(answer)

    const document = parseGenerationDocument(answer.text, {
      eic,
      reader,
      knownTypes: technologyOfProductionType,
    })
    switch (document.kind) {
      case 'generation':
        return document.steps
      case 'no-data':
        return []
      case 'rejected':
        throw document.isKeyRefused
          ? new SourceError({ kind: 'refused' }, `${name} does not accept the security token`)
          : new SourceError({ kind: 'unexpected-answer' }, `${name} rejected the request`)
      case 'no-document':
        throw answer.status === 200
          ? new SourceError({ kind: 'unexpected-answer' }, `${name} answered with no whole document`)
          : failureOf(answer)
    }
  }

  function failureOf(answer: HttpAnswer): SourceError {
    const failure = failureOfStatus(answer, now()) ?? { kind: 'unexpected-answer' }
    const told =
      failure.kind === 'rate-limited'
        ? { ...failure, retryAfterSeconds: failure.retryAfterSeconds ?? lockoutSeconds }
        : failure
    return new SourceError(told, `${name} answered with status ${answer.status}`)
  }

  return createMixSource(
    {
      id,
      about,
      name,
      codes: readAreas(),
      technologyOf: technologyOfProductionType,
      latestMs,
      daysPerRequest,
      read: generation,
      intervalsOf: (steps) => generatedIntervals(steps).filter(({ valid }) => valid.to <= now()),
    },
    { rank, now, factors },
  )
}

/** `202610041300`, in UTC. */
function compact(at: Instant): string {
  return new Date(at).toISOString().slice(0, 16).replaceAll(/\D/g, '')
}
