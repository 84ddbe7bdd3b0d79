import { type EmissionsAnswer, readEmissionsAnswer } from './emissions-answer.ts'
import type { ServiceClient } from './service-client.ts'

export const emissionsPath = '/api/v1/emissions'

/**
 * The answer to a question about emissions with the groups of all its pages, or of the first ones up to `mostGroups`.
 * Throws ServiceError, and the signal's reason when it aborts.
 */
export async function askEmissions(
  client: ServiceClient,
  question: { readonly parameters: URLSearchParams; readonly mostGroups: number },
  signal: AbortSignal,
): Promise<EmissionsAnswer> {
  const { parameters, mostGroups } = question
  const page = async (cursor: string | null) => {
    const asked = new URLSearchParams(parameters)
    if (cursor !== null) asked.set('cursor', cursor)
    const { text } = await client.get(emissionsPath, asked, signal)
    return readEmissionsAnswer(text, client.address)
  }
  const first = await page(null)
  const groups = [...first.groups]
  let { next } = first
  while (next !== null && groups.length < mostGroups) {
    const following = await page(next)
    groups.push(...following.groups)
    next = following.next
  }
  return { ...first, groups, next }
}
