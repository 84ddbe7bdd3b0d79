/**
 * Asks the service on this machine whether it lives, and ends with 0 if it does: what the image's HEALTHCHECK runs.
 * PORT and HOST say where the service listens, as they do for the service, and TLS_CERT_FILE that it does so over TLS.
 */
import http from 'node:http'
import https from 'node:https'
import { settings } from '../settings.ts'

const waitMs = 4000

const hosts: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
])
const { PORT = '', HOST = '', TLS_CERT_FILE = '' } = process.env
const host = HOST.trim() === '' ? settings.host.fallback : HOST.trim()
const isEncrypted = TLS_CERT_FILE.trim() !== ''
const request = (isEncrypted ? https : http).get(
  {
    host: hosts.get(host) ?? host,
    port: settings.port.parse(PORT.trim()) ?? settings.port.fallback,
    path: '/healthz',
    timeout: waitMs,
    agent: false,
    // Its certificate is for the name that others call it by. Nothing is told to it, and nothing but a status believed.
    rejectUnauthorized: false,
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
