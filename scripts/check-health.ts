/**
 * Asks the service on this machine whether it lives, and ends with 0 if it does: what the image's HEALTHCHECK runs.
 * PORT and HOST say where the service listens, as they do for the service.
 */
import { get } from 'node:http'
import { settings } from '../src/settings.ts'

const waitMs = 4000

const hosts: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
])
const { PORT = '', HOST = '' } = process.env
const host = HOST.trim() === '' ? settings.host.fallback : HOST.trim()
const request = get(
  {
    host: hosts.get(host) ?? host,
    port: settings.port.parse(PORT.trim()) ?? settings.port.fallback,
    path: '/healthz',
    timeout: waitMs,
    agent: false,
  },
  (response) => {
    response.resume()
    if (response.statusCode !== 200) report(`/healthz answered with ${response.statusCode}`)
  },
)
request.on('timeout', () => request.destroy(new Error(`/healthz did not answer within ${waitMs / 1000} s`)))
request.on('error', (failure) => report(failure.message))

function report(problem: string): void {
  console.error(problem)
  process.exitCode = 1
}
