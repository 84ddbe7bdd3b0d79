import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { parsed } from './emissions-answer.ts'
import { type ServiceClient, ServiceError } from './service-client.ts'

const Audit = Type.Object({ total: Type.Object({ gaps: Type.Record(Type.String(), Type.Number()) }) })

/** How many gaps of each cause were recorded in a time, on all nodes. Throws ServiceError. */
export async function askGaps(
  client: ServiceClient,
  { from, to }: { readonly from: string; readonly to: string },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const { text } = await client.get('/api/v1/audit', new URLSearchParams({ from, to }), signal)
  const body = parsed(text, client.address)
  if (!Value.Check(Audit, body))
    throw new ServiceError(`${client.address} told of its books in a shape that is not understood`)
  return new Map(Object.entries(body.total.gaps).filter(([, count]) => count > 0))
}
