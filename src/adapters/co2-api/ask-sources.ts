import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'
import { parsed } from './emissions-answer.ts'
import { type ServiceClient, ServiceError } from './service-client.ts'

const Sources = Type.Array(
  Type.Object({
    source: Type.String(),
    name: Type.String(),
    url: Type.String(),
    licence: Type.String(),
    attribution: Type.String(),
  }),
)

/** The live sources of carbon intensity, with what their licences ask for. Throws ServiceError. */
export async function askSources(
  client: ServiceClient,
  signal: AbortSignal,
): Promise<Static<typeof Sources>> {
  const { text } = await client.get('/api/v1/intensity/sources', new URLSearchParams(), signal)
  const body = parsed(text, client.address)
  if (Value.Check(Sources, body)) return body
  throw new ServiceError(`${client.address} told of its sources in a shape that is not understood`)
}
