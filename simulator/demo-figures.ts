import type { TableCountry, TableRow } from './demo-table.ts'

/** What the service says now about every container it has at least two samples of. */
export type DemoFigures = { readonly rows: readonly TableRow[]; readonly countries: readonly TableCountry[] }

/** Samples older than this belong to a container that is gone. */
const staleAfterMilliseconds = 5000
const secondsPerHour = 3600

/**
 * Asks the service's own API for the newest sample of each container. Throws when the service cannot be reached;
 * a container that it does not know any more is left out.
 */
export async function fetchFigures(
  serviceUrl: string,
  countries: readonly string[],
  signal: AbortSignal,
): Promise<DemoFigures> {
  const listed = await fetch(`${serviceUrl}/api/containers`, { signal })
  const containers = asArray(await listed.json()).map(asRecord)
  const answers = await Promise.all(
    containers.map(async ({ namespace, pod, container }) => {
      const body = JSON.stringify({ namespace, pod, container, countries, n: 5 })
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(`${serviceUrl}/api/co2-per-container`, {
        method: 'POST',
        headers,
        body,
        signal,
      })
      const answer = asRecord(await response.json())
      return response.ok ? newestOf(answer, countries) : undefined
    }),
  )
  const newest = answers.filter((answer) => answer !== undefined)
  const latest = Math.max(...newest.map(({ at }) => at))
  const fresh = newest.filter(({ at }) => latest - at < staleAfterMilliseconds)
  return { rows: fresh.map(({ row }) => row), countries: fresh.at(-1)?.countries ?? [] }
}

type Newest = { readonly at: number; readonly row: TableRow; readonly countries: readonly TableCountry[] }

function newestOf(answer: Record<string, unknown>, countries: readonly string[]): Newest | undefined {
  const results = asRecord(answer['results'])
  const perCountry = countries.map((code) => {
    const measurements = asArray(asRecord(results[code])['measurements']).map(asRecord)
    return { code, count: measurements.length, newest: measurements.at(-1) ?? {} }
  })
  const [first] = perCountry
  if (first === undefined || first.count < 2) return undefined
  return {
    at: Date.parse(asText(first.newest['timestamp'])),
    row: {
      namespace: asText(answer['namespace']),
      pod: asText(answer['pod']),
      container: asText(answer['container']),
      watts: asNumber(first.newest['joules_per_second']),
      gramsPerHour: Object.fromEntries(
        perCountry.map(({ code, newest }) => [code, asNumber(newest['co2_gps']) * secondsPerHour]),
      ),
    },
    countries: perCountry.map(({ code, newest }) => ({
      code,
      gramsPerKwh: asNumber(newest['intensity_g_per_kwh']),
      method: asText(newest['intensity_method']) || 'method unknown',
    })),
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function asNumber(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN
}
