import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startOwnedProcess } from './owned-process.ts'
import { membersOf, memoryOf } from './process-group.ts'

const never = new AbortController().signal

/** A Node.js program; it says its process id when it is ready. */
const startProgram = (script: string, signal = never) =>
  startOwnedProcess({
    command: process.execPath,
    args: ['--eval', script],
    environment: process.env,
    readyWhen: /ready (\d+)/,
    signal,
  })

const child = `require('node:child_process').spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1e6)'])`
const sayReady = `console.log('ready', process.pid); setInterval(() => {}, 1e6)`
const running = (group: number) => membersOf(group).filter(({ isRunning }) => isRunning)

describe('a process that we own', () => {
  it('is started when it says so, in a process group of its own', async () => {
    const owned = await startProgram(sayReady)
    assert.equal(owned.said[1], String(owned.group))
    assert.deepEqual(
      membersOf(owned.group).map(({ pid, parent }) => [pid, parent]),
      [[owned.group, process.pid]],
    )
    assert.ok(memoryOf(owned.group) > 1e6)
    await owned.stop()
    assert.ok(owned.ended.aborted)
    assert.deepEqual(membersOf(owned.group), [])
  })

  it('takes its children along, even when it does not want to end', { timeout: 10_000 }, async () => {
    const owned = await startProgram(`process.on('SIGTERM', () => {}); ${child}; ${sayReady}`)
    assert.equal(running(owned.group).length, 2)
    await owned.stop()
    assert.deepEqual(running(owned.group), [])
  })

  it('takes its children along when somebody else kills it', async () => {
    const owned = await startProgram(`${child}; ${sayReady}`)
    process.kill(owned.group, 'SIGKILL')
    await new Promise((resolve) => owned.ended.addEventListener('abort', resolve, { once: true }))
    await owned.stop()
    assert.deepEqual(running(owned.group), [])
  })

  it('that does not start says why', async () => {
    await assert.rejects(
      startProgram('console.error("no such display"); process.exit(3)'),
      /exit code 3.*no such display/s,
    )
    const nothing = { command: '/nowhere/program', args: [], environment: {}, readyWhen: /./, signal: never }
    await assert.rejects(startOwnedProcess(nothing), /cannot be started.*ENOENT/s)
  })

  it('is not waited for longer than the caller wants', async () => {
    const stop = new AbortController()
    const starting = startProgram('setInterval(() => {}, 1e6)', stop.signal)
    stop.abort(new Error('enough'))
    await assert.rejects(starting, /enough/)
  })
})
