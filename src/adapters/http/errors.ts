import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { StoreError } from '../../energy/measurement-store.ts'
import { TooMuchEnergyError } from '../../flows/read-energy.ts'
import { RequestError, shown } from './problem.ts'

/** What each field of a request accepts, to complete the sentence "… must be". */
const accepted = new Map([
  ['', 'a JSON object with pod, container and namespace'],
  ['pod', 'a non-empty string'],
  ['container', 'a non-empty string'],
  ['namespace', 'a non-empty string'],
  ['countries', 'a non-empty array of country codes such as ["DE", "FR"]'],
  ['start_time', 'an ISO 8601 time such as 2026-02-11T10:00:10Z'],
  ['end_time', 'an ISO 8601 time such as 2026-02-11T10:00:10Z'],
  ['basis', 'lifecycle or direct'],
  ['signal', 'average or marginal'],
  ['as_of', 'an ISO 8601 time such as 2026-02-11T10:00:10Z'],
  ['zone', 'the code of a country or zone, such as DE or DK-DK1'],
  ['start', 'an ISO 8601 time such as 2026-02-11T10:00:10Z'],
  ['end', 'an ISO 8601 time such as 2026-02-11T10:00:10Z'],
  ['since', 'an ISO 8601 time such as 2026-02-11T10:00:10Z'],
  ['from', 'one time, such as 2026-02-11T10:00:10Z or now-24h'],
  ['to', 'one time, such as 2026-02-11T10:00:10Z or now'],
  ['node', 'a name, or several with commas'],
  ['workload', 'a name such as Deployment/shop-web or shop-web, or several with commas'],
  ['group_by', 'one or several of namespace, workload, pod, container, node'],
  ['step', 'one length of time, such as 300, 30s, 5m, 1h or 1d'],
  ['duration', 'one length of time, such as 300, 30s, 5m, 1h or 1d'],
  ['horizon', 'one length of time, such as 300, 30s, 5m, 1h or 1d'],
  ['energy_j', 'a positive number of joules'],
  ['sort', 'co2_g, energy_j or name'],
  ['limit', 'a whole number from 1 to 10000'],
  ['series_limit', 'a whole number from 1 to 1000000'],
  ['cursor', 'what an answer gave as next'],
  ['format', 'json, csv or parquet'],
  ['home', 'the code of a country or zone, such as DE or DK-DK1'],
  ['n', 'a positive whole number, or a string of its digits'],
  ['detail', 'true or false'],
])

/** Answers with `{"error": …}`: our own sentences and those on bad requests as they are, anything else as 500. */
export function answerError(
  error: FastifyError | RequestError | StoreError | TooMuchEnergyError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  if (error instanceof TooMuchEnergyError) {
    void reply.status(400).send({
      error: `${error.message}; ask for a shorter time, a namespace or a node, or a step of whole hours`,
    })
    return
  }
  const unavailable = whyUnavailable(error)
  if (unavailable !== undefined) {
    request.log.warn({ err: error }, 'a request could not be answered')
    void reply.status(503).send({ error: unavailable })
    return
  }
  const statusCode = 'statusCode' in error ? (error.statusCode ?? 500) : 500
  if (statusCode >= 500 && !(error instanceof RequestError)) {
    request.log.error({ err: error }, 'a request failed')
    void reply.status(500).send({ error: 'Internal Server Error' })
    return
  }
  void reply.status(statusCode).send({ error: sentenceOn(error) })
}

/** A store that is away, or that did not answer in time. */
function whyUnavailable(error: Error): string | undefined {
  if (error instanceof StoreError) return error.message
  if (error.name === 'TimeoutError')
    return 'the question took longer than QUERY_TIMEOUT allows; ask for a shorter range'
  return undefined
}

function sentenceOn(error: FastifyError | RequestError | StoreError): string {
  if (!('code' in error)) return error.message
  switch (error.code) {
    case 'FST_ERR_VALIDATION':
      return sentenceOnValidation(error)
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return `the body is no valid JSON; it must be ${accepted.get('')}`
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
      return `the body is empty; it must be ${accepted.get('')}`
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return 'the body is larger than the 1 MiB that is accepted'
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return 'the content type is not supported; it must be application/json'
    case 'FST_ERR_BAD_URL':
      return 'the address is no valid URL'
    default:
      return error.message
  }
}

/** Names the field, what it held and what is accepted, out of the first thing that the validator found. */
function sentenceOnValidation(error: FastifyError): string {
  const [found] = error.validation ?? []
  const unknown = found?.params['additionalProperty']
  if (typeof unknown === 'string') return sentenceOnUnknown(unknown, found)
  const missing = found?.params['missingProperty']
  if (typeof missing === 'string')
    return `${missing} is missing; it must be ${accepted.get(missing) ?? 'given'}`
  const path = (found?.instancePath ?? '').split('/').slice(1)
  const [field = '', item] = path
  const where = item === undefined ? field || 'the body' : `${field}[${item}]`
  const held = found !== undefined && 'data' in found ? ` is ${shown(found.data)};` : ''
  return `${where}${held} ${field || 'it'} must be ${accepted.get(field) ?? found?.message ?? 'valid'}`
}

function sentenceOnUnknown(name: string, found: object | undefined): string {
  const schema = found !== undefined && 'parentSchema' in found ? found.parentSchema : undefined
  const properties =
    typeof schema === 'object' && schema !== null && 'properties' in schema ? schema.properties : undefined
  const names = typeof properties === 'object' && properties !== null ? Object.keys(properties) : []
  return `${shown(name)} is not understood; the parameters are ${names.join(', ')}`
}
