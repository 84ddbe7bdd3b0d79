import { Agent, request } from 'undici'
import { type Instant, instant } from '../../units.ts'

/**
 * What time a web server says it is, to the second, whatever else it answers; undefined when it does not say, or is not
 * there. Throws the signal's reason when it aborts.
 */
export async function readServerTime(
  url: URL,
  { authority, timeoutSeconds }: { readonly authority: string | undefined; readonly timeoutSeconds: number },
  signal: AbortSignal,
): Promise<Instant | undefined> {
  const agent = new Agent({
    connect: { timeout: timeoutSeconds * 1000, ...(authority === undefined ? {} : { ca: authority }) },
  })
  try {
    const { headers, body } = await request(url, {
      method: 'HEAD',
      dispatcher: agent,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutSeconds * 1000)]),
      headers: { 'user-agent': 'co2-api' },
    })
    body.on('error', () => {})
    const milliseconds = Date.parse([headers['date']].flat()[0] ?? '')
    return Number.isNaN(milliseconds) ? undefined : instant(milliseconds)
  } catch {
    signal.throwIfAborted()
    return undefined
  } finally {
    await agent.destroy()
  }
}
