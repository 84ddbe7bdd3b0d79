/**
 * What no one who scrapes can spare: a process that asks for the body, lets the kernel copy it into a buffer, and looks at
 * none of it. Started by `side-by-side.ts`, with the address of an answer of known length and the interval in seconds.
 */
import { connect } from 'node:net'

const url = new URL(process.argv[2] ?? '')
const intervalMs = Number(process.argv[3]) * 1000
const socket = connect({
  host: url.hostname,
  port: Number(url.port),
  noDelay: true,
  onread: { buffer: new Uint8Array(256 * 1024), callback: () => true },
})

function askWhenDue(): void {
  setTimeout(
    () => {
      socket.write(`GET ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\n\r\n`)
      askWhenDue()
    },
    intervalMs - (Date.now() % intervalMs),
  )
}

askWhenDue()
process.on('disconnect', () => process.exit())
