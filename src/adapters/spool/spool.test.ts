import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, describe, it, type TestContext } from 'node:test'
import fc from 'fast-check'
import { at } from '../../../test/contracts/measured.ts'
import {
  assertInStep,
  behavesLikeAWriteQueue,
  drained,
  type Owner,
  scraped,
} from '../../../test/contracts/write-queue.ts'
import type { LedgerBatch } from '../../energy/ledger-page.ts'
import type { DroppedMeasurements } from '../../flows/write-queue.ts'
import { openSpool, type SpoolNotice } from './spool.ts'
import { SpoolError } from './spool-error.ts'

const everything = mkdtempSync(join(tmpdir(), 'spool-'))
// Not after each test: what a test opened is closed in the order it was opened, so after its directory would be gone.
after(() => rm(everything, { recursive: true }))

function emptyDirectory(): Promise<string> {
  return mkdtemp(join(everything, 'test-'))
}

/** A spool that is closed with the test, what it said, and what it dropped. */
async function opened(t: Owner, directory: string, { mostBytes = 1e9, mostMemoryBytes = 1e9 } = {}) {
  const dropped: DroppedMeasurements[] = []
  const notices: SpoolNotice[] = []
  const queue = await openSpool({
    directory,
    mostBytes,
    mostMemoryBytes,
    onDropped: (one) => dropped.push(one),
    onNotice: (notice) => notices.push(notice),
  })
  t.after(() => queue[Symbol.asyncDispose]())
  return { queue, dropped, notices }
}

/** A copy of the files, as they are found after the process was killed now. */
async function afterKill(directory: string): Promise<string> {
  const copy = await emptyDirectory()
  cpSync(directory, copy, { recursive: true })
  return copy
}

const segmentsIn = (directory: string) =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.spool'))
    .sort()
    .map((name) => join(directory, name))

const secondsIn = (batches: readonly LedgerBatch[]) =>
  batches.flatMap(({ pages }) => pages.map((page) => (page.at - at(0)) / 1000))

/** So small that every page has a segment of its own. */
const pagesApart = 16 * 200

behavesLikeAWriteQueue(
  'a spool',
  async (t, mostBytes) => opened(t, await emptyDirectory(), { mostBytes }),
  8000,
)

describe('a spool', () => {
  it('holds after a kill what was pushed before, and says so', async (t) => {
    const directory = await emptyDirectory()
    const { queue } = await opened(t, directory)
    for (const second of [10, 20, 30]) await queue.push(...scraped(second, { containers: 2 }))
    const { queue: next, notices } = await opened(t, await afterKill(directory))
    assert.deepEqual(notices, [{ kind: 'replayed', pages: 3, measurements: 6 }])
    assert.deepEqual(
      (await next.newestStates()).map(({ at }) => at),
      [at(30)],
    )
    const batches = await drained(next)
    assert.deepEqual(secondsIn(batches), [10, 20, 30])
    for (const batch of batches) assertInStep(batch)
  })

  it('does not hand out again what was acknowledged, and deletes its files', async (t) => {
    const directory = await emptyDirectory()
    const { queue } = await opened(t, directory, { mostBytes: pagesApart })
    for (const second of [10, 20, 30]) await queue.push(...scraped(second))
    assert.equal(segmentsIn(directory).length, 3)
    await queue.acknowledge((await queue.peek(1))?.token ?? Number.NaN)
    assert.equal(segmentsIn(directory).length, 2)
    const { queue: next } = await opened(t, await afterKill(directory))
    assert.deepEqual(secondsIn(await drained(next)), [20, 30])
    await drained(queue)
    assert.deepEqual(segmentsIn(directory), [])
    const { queue: last, notices } = await opened(t, await afterKill(directory))
    assert.deepEqual([await last.peek(1), notices], [undefined, []])
    await last.push(...scraped(40))
    assert.deepEqual(secondsIn(await drained(last)), [40])
  })

  it('hands out again a batch that was not acknowledged before a kill', async (t) => {
    const directory = await emptyDirectory()
    const { queue } = await opened(t, directory)
    for (const second of [10, 20]) await queue.push(...scraped(second))
    const copy = await afterKill(directory)
    await drained(queue)
    cpSync(join(copy), directory, { recursive: true })
    const { queue: next } = await opened(t, await afterKill(copy))
    assert.deepEqual(secondsIn(await drained(next)), [10, 20])
  })

  it('hands everything out again when the position is not readable', async (t) => {
    const directory = await emptyDirectory()
    const { queue } = await opened(t, directory)
    for (const second of [10, 20]) await queue.push(...scraped(second))
    await queue.acknowledge((await queue.peek(1))?.token ?? Number.NaN)
    for (const text of ['', '{}', 'null', '{"number":1,"generation":0,"offset":"7"}']) {
      const copy = await afterKill(directory)
      writeFileSync(join(copy, 'acknowledged.json'), text)
      const { queue: next } = await opened(t, copy)
      assert.deepEqual(secondsIn(await drained(next)), [10, 20])
    }
  })

  it('equals a queue, whatever is pushed, handed out and acknowledged, and whenever it is killed', async () => {
    const command = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ kind: fc.constant('push'), node: fc.constantFrom('a', 'b'), size: fc.nat(3) }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constantFrom('peek', 'acknowledge'),
          node: fc.constant(''),
          size: fc.integer({ min: 1, max: 6 }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constantFrom('kill', 'tear', 'litter'),
          node: fc.constant(''),
          size: fc.nat(20),
        }),
      },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 30 }), async (commands) => {
        await using cleanUp = new AsyncDisposableStack()
        const owner = { after: (release: () => PromiseLike<void>) => cleanUp.defer(release) }
        let directory = await emptyDirectory()
        let { queue } = await opened(owner, directory, { mostBytes: 50_000 })
        let model: { readonly name: string; readonly containers: number }[] = []
        let handedOut = 0
        let second = 0
        const peeked = async (most: number) => {
          if (handedOut === 0) {
            let sum = 0
            const end = model.findIndex(({ containers }, index) => {
              sum += containers
              return index > 0 && sum > most
            })
            handedOut = end === -1 ? model.length : end
          }
          const waiting = await queue.peek(most)
          if (waiting !== undefined) assertInStep(waiting.batch)
          const names = waiting?.batch.pages.map(
            ({ node, at, measurements }) => `${node} ${at} ${measurements.length}`,
          )
          assert.deepEqual(
            names ?? [],
            model.slice(0, handedOut).map(({ name }) => name),
          )
          return waiting
        }
        for (const { kind, node, size } of commands) {
          if (kind === 'push') {
            second += 10
            await queue.push(...scraped(second, { node, containers: size }))
            model.push({ name: `${node} ${at(second)} ${size}`, containers: size })
          } else if (kind === 'peek') {
            await peeked(size)
          } else if (kind === 'acknowledge') {
            const waiting = await peeked(size)
            await queue.acknowledge(waiting?.token ?? Number.NaN)
            model = model.slice(handedOut)
            handedOut = 0
          } else {
            directory = await afterKill(directory)
            const newest = segmentsIn(directory).at(-1)
            if (newest !== undefined && kind === 'tear') {
              truncateSync(newest, readFileSync(newest).length - 1)
              model = model.slice(0, -1)
            }
            if (newest !== undefined && kind === 'litter') appendFileSync(newest, Buffer.alloc(size, size))
            handedOut = 0
            ;({ queue } = await opened(owner, directory, { mostBytes: 50_000 }))
          }
          assert.equal(queue.depth.pages, model.length)
          assert.equal(
            queue.depth.measurements,
            model.reduce((sum, { containers }) => sum + containers, 0),
          )
        }
        while ((await peeked(1)) !== undefined) {
          await queue.acknowledge((await queue.peek(1))?.token ?? Number.NaN)
          model = model.slice(handedOut)
          handedOut = 0
        }
        assert.deepEqual(model, [])
      }),
      { numRuns: 40 },
    )
  })

  it('accounts for all time when it is full, whenever it is killed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(9), { minLength: 20, maxLength: 60 }), async (chances) => {
        await using cleanUp = new AsyncDisposableStack()
        const owner = { after: (release: () => PromiseLike<void>) => cleanUp.defer(release) }
        let directory = await emptyDirectory()
        let { queue } = await opened(owner, directory, { mostBytes: 4000 })
        const batches: LedgerBatch[] = []
        for (const [index, chance] of chances.entries()) {
          await queue.push(...scraped(10 * (index + 1), { containers: 5 }))
          const waiting = chance < 2 ? await queue.peek(5) : undefined
          if (waiting !== undefined && chance === 0) {
            batches.push(waiting.batch)
            await queue.acknowledge(waiting.token)
          }
          if (chance !== 9) continue
          directory = await afterKill(directory)
          ;({ queue } = await opened(owner, directory, { mostBytes: 4000 }))
        }
        batches.push(...(await drained(queue, 5)))
        for (const batch of batches) assertInStep(batch)
        let end = at(0)
        for (const { measurements, gaps } of batches.flatMap(({ pages }) => pages)) {
          for (const { containerId, during } of [...gaps, ...measurements]) {
            if (containerId !== 'c1') continue
            assert.equal(during.from, end)
            end = during.to
          }
        }
        assert.equal(end, at(10 * chances.length))
      }),
      { numRuns: 25 },
    )
  })

  it('holds every page that was confirmed, when its process is killed in the middle of a write', async (t) => {
    const directory = await emptyDirectory()
    const code = `
      import { openSpool } from ${JSON.stringify(import.meta.resolve('./spool.ts'))}
      import { scraped } from ${JSON.stringify(import.meta.resolve('../../../test/contracts/write-queue.ts'))}
      const queue = await openSpool({
        directory: ${JSON.stringify(directory)}, mostBytes: 1e9, mostMemoryBytes: 1e9, onDropped() {}, onNotice() {},
      })
      for (let second = 1; ; second += 1) {
        await queue.push(...scraped(second, { containers: 200 }))
        console.log(second)
      }`
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let confirmed = 0
    for await (const line of createInterface(child.stdout)) {
      confirmed = Number(line)
      if (confirmed === 40) {
        await assert.rejects(
          opened(t, directory),
          new SpoolError(`Another process uses the spool in ${directory}.`),
        )
        child.kill('SIGKILL')
      }
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    const { queue } = await opened(t, directory)
    const seconds = secondsIn(await drained(queue, 10_000))
    assert.ok(confirmed >= 40 && seconds.length >= confirmed, `${seconds.length} of ${confirmed}`)
    assert.deepEqual(
      seconds,
      Array.from(seconds, (_, index) => index + 1),
    )
  })

  it('is used by one at a time', async (t) => {
    const directory = await emptyDirectory()
    const { queue } = await opened(t, directory)
    await assert.rejects(opened(t, directory), SpoolError)
    await queue.push(...scraped(10))
    await queue[Symbol.asyncDispose]()
    const { queue: next } = await opened(t, directory)
    assert.deepEqual(secondsIn(await drained(next)), [10])
  })

  it('takes nothing after it was closed, and lets a late acknowledgement pass', async (t) => {
    const directory = await emptyDirectory()
    const { queue } = await opened(t, directory)
    await queue.push(...scraped(10))
    const waiting = await queue.peek(1)
    await queue[Symbol.asyncDispose]()
    await queue[Symbol.asyncDispose]()
    await queue.acknowledge(waiting?.token ?? Number.NaN)
    await assert.rejects(queue.push(...scraped(20)), { message: `The spool in ${directory} is closed.` })
  })

  it('refuses files of another version', async (t) => {
    const directory = await emptyDirectory()
    writeFileSync(join(directory, 'pages-0000000001-0000.spool'), 'co2-api spool 2\nsomething new')
    await assert.rejects(
      opened(t, directory),
      new SpoolError(
        `Another version wrote pages-0000000001-0000.spool in ${directory}; this one does not understand it.`,
      ),
    )
    await rm(join(directory, 'pages-0000000001-0000.spool'))
    await opened(t, directory)
  })

  describe('with broken files', () => {
    const killedWith = async (t: TestContext, pages: number, mostBytes = 1e9) => {
      const directory = await emptyDirectory()
      const { queue } = await opened(t, directory, { mostBytes })
      for (let page = 1; page <= pages; page += 1) await queue.push(...scraped(10 * page))
      return afterKill(directory)
    }
    const flip = (path: string, offset: number) => {
      const bytes = readFileSync(path)
      bytes.writeUInt8(bytes.readUInt8(offset) ^ 0xff, offset)
      writeFileSync(path, bytes)
    }

    it('cuts off a last record that was not written to its end, and says so once', async (t) => {
      const directory = await killedWith(t, 3)
      const [path = ''] = segmentsIn(directory)
      truncateSync(path, readFileSync(path).length - 5)
      const { queue, notices } = await opened(t, directory)
      assert.deepEqual(
        notices.map(({ kind }) => kind),
        ['cut-off', 'replayed'],
      )
      const copy = await afterKill(directory)
      assert.deepEqual(secondsIn(await drained(queue)), [10, 20])
      assert.deepEqual(queue.problems(), [])
      const { notices: later } = await opened(t, copy)
      assert.deepEqual(later, [{ kind: 'replayed', pages: 2, measurements: 2 }])
    })

    it('cuts off a last record that is not what was written', async (t) => {
      const directory = await killedWith(t, 3)
      const [path = ''] = segmentsIn(directory)
      flip(path, readFileSync(path).length - 5)
      const { queue, notices } = await opened(t, directory)
      assert.equal(notices[0]?.kind, 'cut-off')
      assert.deepEqual(secondsIn(await drained(queue)), [10, 20])
    })

    it('leaves out the rest of a file from a broken record on, says how much, and goes on with the next', async (t) => {
      const directory = await killedWith(t, 3, pagesApart)
      const [, second = ''] = segmentsIn(directory)
      flip(second, 60)
      const { queue, notices } = await opened(t, directory)
      const bytes = readFileSync(second).length - 16
      assert.deepEqual(notices[0], { kind: 'corrupt', file: 'pages-0000000002-0000.spool', bytes })
      assert.deepEqual(queue.problems(), [
        `${bytes} byte(s) in 1 file(s) of the spool in ${directory} could not be read and are left out.`,
      ])
      assert.deepEqual(secondsIn(await drained(queue)), [10, 30])
    })

    it('leaves out a file that is no segment at all', async (t) => {
      const directory = await killedWith(t, 3, pagesApart)
      const [first = ''] = segmentsIn(directory)
      writeFileSync(first, 'some text of somebody')
      const { queue, notices } = await opened(t, directory)
      assert.equal(notices[0]?.kind, 'corrupt')
      assert.deepEqual(secondsIn(await drained(queue)), [20, 30])
    })

    it('leaves out what breaks while it is open', async (t) => {
      const directory = await killedWith(t, 3, pagesApart)
      const { queue } = await opened(t, directory)
      const [first = '', second = ''] = segmentsIn(directory)
      flip(first, 60)
      await rm(second)
      assert.deepEqual(
        (await queue.newestStates()).map(({ at }) => at),
        [at(30)],
      )
      assert.deepEqual(secondsIn(await drained(queue)), [30])
      assert.equal(queue.depth.measurements, 0)
      await queue.push(...scraped(40))
      assert.deepEqual(secondsIn(await drained(queue)), [40])
    })

    it('goes on when the file it writes to is deleted', async (t) => {
      const directory = await emptyDirectory()
      const { queue, notices } = await opened(t, directory)
      await queue.push(...scraped(10))
      await rm(segmentsIn(directory)[0] ?? '')
      assert.deepEqual(await queue.newestStates(), [])
      assert.equal(notices[0]?.kind, 'corrupt')
      await queue.push(...scraped(20))
      assert.deepEqual(secondsIn(await drained(queue)), [20])
    })

    it('acknowledges what is left of a batch that broke after it was handed out', async (t) => {
      const directory = await killedWith(t, 3, pagesApart)
      const { queue } = await opened(t, directory)
      const waiting = await queue.peek(2)
      assert.equal(waiting?.measurements, 2)
      await rm(segmentsIn(directory)[1] ?? '')
      await rm(segmentsIn(directory)[0] ?? '')
      await queue.push(...scraped(5, { node: 'node-2' }))
      await queue.newestStates()
      await queue.acknowledge(waiting?.token ?? Number.NaN)
      assert.deepEqual(secondsIn(await drained(queue)), [30, 5])
    })

    it('delivers nothing twice when it was killed while it made room', async (t) => {
      const directory = await killedWith(t, 8, pagesApart)
      const before = await afterKill(directory)
      const { queue, dropped } = await opened(t, directory, { mostBytes: pagesApart })
      await queue.push(...scraped(90))
      assert.ok(dropped.length > 0)
      const interrupted = await afterKill(directory)
      cpSync(before, interrupted, { recursive: true, force: false })
      writeFileSync(join(interrupted, 'pages-0000000009-0000.spool.new'), 'half a file')
      const { queue: next } = await opened(t, interrupted)
      assert.deepEqual(secondsIn(await drained(next)), secondsIn(await drained(queue)))
    })
  })

  describe('that cannot write', () => {
    it('lets pages wait in memory, says why, and takes them to the files when it can', async (t) => {
      const directory = join(await emptyDirectory(), 'data')
      writeFileSync(directory, 'a file where the directory should be')
      const { queue, notices } = await opened(t, join(directory, 'spool'))
      for (const second of [10, 20]) await queue.push(...scraped(second))
      assert.deepEqual(
        notices.map(({ kind }) => kind),
        ['unusable'],
      )
      assert.match(
        queue.problems()[0] ?? '',
        /^The spool in .*spool cannot be used; 2 measurement\(s\) wait in memory instead\. ENOTDIR: /,
      )
      assert.deepEqual([queue.depth.measurements, queue.depth.inMemoryOnly], [2, 2])
      assert.deepEqual(
        (await queue.newestStates()).map(({ at }) => at),
        [at(20)],
      )
      await rm(directory)
      await queue.push(...scraped(30))
      assert.deepEqual(notices.at(-1), { kind: 'usable' })
      assert.deepEqual([queue.depth.measurements, queue.depth.inMemoryOnly], [3, 0])
      assert.deepEqual(queue.problems(), [])
      const { queue: next } = await opened(t, await afterKill(join(directory, 'spool')))
      assert.deepEqual(secondsIn(await drained(next)), [10, 20, 30])
    })

    it('hands out what waits in memory, and writes no files before that is acknowledged', async (t) => {
      const directory = join(await emptyDirectory(), 'data')
      writeFileSync(directory, 'a file where the directory should be')
      const { queue } = await opened(t, directory)
      await queue.push(...scraped(10, { containers: 3000 }))
      const waiting = await queue.peek(1)
      assert.deepEqual(await queue.peek(1), waiting)
      await rm(directory)
      await queue.push(...scraped(20))
      assert.equal(queue.depth.inMemoryOnly, 3001)
      await queue.acknowledge(waiting?.token ?? Number.NaN)
      await queue.push(...scraped(30))
      assert.equal(queue.depth.inMemoryOnly, 0)
      assert.deepEqual(secondsIn(await drained(queue)), [20, 30])
    })

    it('takes what waits in memory to the files when it is closed', async (t) => {
      const directory = join(await emptyDirectory(), 'data')
      writeFileSync(directory, 'a file where the directory should be')
      const { queue } = await opened(t, directory)
      await queue.push(...scraped(10))
      await rm(directory)
      await queue[Symbol.asyncDispose]()
      const { queue: next } = await opened(t, directory)
      assert.deepEqual(secondsIn(await drained(next)), [10])
    })

    it('drops the oldest when memory is full too', async (t) => {
      const directory = join(await emptyDirectory(), 'data')
      writeFileSync(directory, 'a file where the directory should be')
      const { queue, dropped } = await opened(t, directory, { mostMemoryBytes: 20_000 })
      for (let second = 10; second <= 500; second += 10)
        await queue.push(...scraped(second, { containers: 10 }))
      assert.ok(dropped.length > 0)
      assert.equal(queue.depth.dropped + queue.depth.measurements, 500)
    })

    it('leaves out pages that it finds late, since the counters have gone on without them', async (t) => {
      const parent = await emptyDirectory()
      const directory = join(parent, 'spool')
      const earlier = await opened(t, directory)
      await earlier.queue.push(...scraped(10))
      await earlier.queue[Symbol.asyncDispose]()
      await rename(directory, join(parent, 'away'))
      writeFileSync(directory, 'a file where the directory should be')
      const { queue, notices } = await opened(t, directory)
      await rm(directory)
      await rename(join(parent, 'away'), directory)
      await queue.push(...scraped(20))
      assert.deepEqual(notices.slice(1), [
        { kind: 'found-late', file: 'pages-0000000001-0000.spool.late', pages: 1, measurements: 1 },
        { kind: 'usable' },
      ])
      assert.deepEqual(secondsIn(await drained(queue)), [20])
    })

    it('keeps what is in the files in front of what waits in memory, also while they cannot be read', async (t) => {
      const parent = await emptyDirectory()
      const directory = join(parent, 'spool')
      const { queue, notices } = await opened(t, directory, { mostBytes: pagesApart })
      await queue.push(...scraped(10))
      await rename(directory, join(parent, 'away'))
      writeFileSync(directory, 'a file where the directory should be')
      await queue.push(...scraped(20))
      assert.equal(await queue.peek(1), undefined)
      assert.deepEqual(
        notices.map(({ kind }) => kind),
        ['unusable'],
      )
      await rm(directory)
      await rename(join(parent, 'away'), directory)
      assert.deepEqual(secondsIn(await drained(queue)), [10, 20])
    })

    describe('since the disk is full', () => {
      const [mount, unmount] = ['mount', 'umount']

      /** A small disk of its own for the test; undefined where none can be mounted. */
      const smallDisk = async (t: TestContext) => {
        const directory = await emptyDirectory()
        const mounted = spawnSync(mount, ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', directory])
        if (mounted.status !== 0) {
          t.skip('no file system can be mounted here')
          return undefined
        }
        const filler = join(directory, 'filler')
        t.after(() => spawnSync(unmount, ['-l', directory]))
        return {
          directory: join(directory, 'spool'),
          fill: () => assert.notEqual(spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=1k']).status, 0),
          empty: () => rm(filler),
        }
      }

      it('lets pages wait in memory, and takes them to the files when there is room', async (t) => {
        const disk = await smallDisk(t)
        if (disk === undefined) return
        const { queue, notices, dropped } = await opened(t, disk.directory)
        for (let second = 10; second <= 100; second += 10) {
          if (second === 30) disk.fill()
          await queue.push(...scraped(second, { containers: 100 }))
        }
        assert.equal(notices.at(-1)?.kind, 'unusable')
        assert.match(queue.problems()[0] ?? '', /ENOSPC/)
        assert.ok(queue.depth.inMemoryOnly > 0)
        await queue.acknowledge((await queue.peek(1))?.token ?? Number.NaN)
        await disk.empty()
        await queue.push(...scraped(110, { containers: 100 }))
        assert.equal(notices.at(-1)?.kind, 'usable')
        assert.equal(queue.depth.inMemoryOnly, 0)
        assert.deepEqual(dropped, [])
        const { queue: next } = await opened(t, await afterKill(disk.directory))
        // There was no room to write down that the first was acknowledged, so it is delivered again.
        assert.deepEqual(secondsIn(await drained(next)), [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110])
        await queue[Symbol.asyncDispose]()
      })

      it('drops nothing that it has no room to record as a gap', async (t) => {
        const disk = await smallDisk(t)
        if (disk === undefined) return
        const { queue, notices, dropped } = await opened(t, disk.directory, { mostBytes: 10_000 })
        for (let second = 10; second <= 50; second += 10)
          await queue.push(...scraped(second, { containers: 100 }))
        assert.deepEqual(dropped, [])
        disk.fill()
        for (let second = 60; second <= 200; second += 10)
          await queue.push(...scraped(second, { containers: 100 }))
        assert.equal(notices.at(-1)?.kind, 'unusable')
        assert.deepEqual(dropped, [])
        await disk.empty()
        await queue.push(...scraped(210, { containers: 100 }))
        assert.equal(notices.at(-1)?.kind, 'usable')
        assert.ok(dropped.length > 0)
        assert.equal(queue.depth.dropped + queue.depth.measurements, 2100)
        await queue[Symbol.asyncDispose]()
      })
    })
  })
})
