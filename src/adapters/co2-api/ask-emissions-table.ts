import { emissionsPath } from './ask-emissions.ts'
import type { ServiceClient } from './service-client.ts'

export type EmissionsTable = {
  /** CSV, with one header. */
  readonly text: string
  /** What has no room in a table, each as a sentence. */
  readonly warnings: readonly string[]
}

/**
 * The answer to a question about emissions as the service's own CSV, with the rows of all pages under one header, or of
 * the first pages up to `mostGroups`. Throws ServiceError, and the signal's reason when it aborts.
 */
export async function askEmissionsTable(
  client: ServiceClient,
  { parameters, mostGroups }: { readonly parameters: URLSearchParams; readonly mostGroups: number },
  signal: AbortSignal,
): Promise<EmissionsTable> {
  const asked = new URLSearchParams(parameters)
  asked.set('format', 'csv')
  const perPage = Number(asked.get('limit') ?? Infinity)
  const warnings = new Set<string>()
  let table = ''
  for (let groups = 0; groups < mostGroups; groups += perPage) {
    const { text, headers } = await client.get(emissionsPath, asked, signal)
    table += table === '' ? text : withoutHeader(text)
    for (const warning of warningsIn(headers.get('co2-api-warnings'))) warnings.add(warning)
    const next = cursorIn(headers.get('link'))
    if (next === undefined) break
    asked.set('cursor', next)
  }
  return { text: table, warnings: [...warnings] }
}

/** A list of texts as JSON. */
function warningsIn(header: string | undefined): readonly string[] {
  if (header === undefined) return []
  try {
    const warnings: unknown = JSON.parse(header)
    return Array.isArray(warnings) ? warnings.map(String) : [header]
  } catch {
    return [header]
  }
}

function withoutHeader(table: string): string {
  return table.slice(table.indexOf('\n') + 1)
}

/** Of the link to the next page (RFC 8288). */
function cursorIn(link: string | undefined): string | undefined {
  const target = /<([^>]*)>\s*;[^,]*\brel="?next"?/.exec(link ?? '')?.[1]
  if (target === undefined) return undefined
  return new URL(target, 'http://localhost').searchParams.get('cursor') ?? undefined
}
