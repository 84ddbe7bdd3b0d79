import type { LedgerPage } from '../../energy/ledger-page.ts'
import type { NodeState } from '../../energy/node-state.ts'
import { timeOf } from '../../flows/dropped-page.ts'
import { createMemoryQueue } from '../../flows/memory-queue.ts'
import { type DroppedMeasurements, type WaitingBatch, type WriteQueue } from '../../flows/write-queue.ts'
import { instant } from '../../units.ts'
import { openPageLog, type PageLog, type PageLogNotice } from './page-log.ts'
import { pagesOf, type RunRecord, runRecord, stateIn, statePartOf } from './run-record.ts'
import type { SpoolEntry } from './segment.ts'
import { SpoolError } from './spool-error.ts'

/** What a spool tells whoever watches. */
export type SpoolNotice =
  | PageLogNotice
  /** Pages wait in memory from now on, since the files cannot be used. */
  | { readonly kind: 'unusable'; readonly reason: string }
  /** The files can be used again, and hold all that waits. */
  | { readonly kind: 'usable' }

export type SpoolOptions = {
  /** A directory of its own; made when it is not there. */
  readonly directory: string
  /** How much the files may hold. Beyond it the oldest measurements are dropped. */
  readonly mostBytes: number
  /** How much may wait in memory while the files cannot be used. */
  readonly mostMemoryBytes: number
  readonly onDropped: (dropped: DroppedMeasurements) => void
  readonly onNotice: (notice: SpoolNotice) => void
}

/** A spool is no finer than this many segments: one is what is dropped at once. */
const segmentsInSpool = 16
const mostSegmentBytes = 64 * 1024 * 1024

/** A batch, and its token where it came from memory. */
type HandedOut = { readonly waiting: WaitingBatch; readonly tokenInMemory: number | undefined }

/**
 * A queue in files: what was pushed outlives the process, also one that is killed. While the files cannot be used,
 * because the disk is full or the directory cannot be written to, pages wait in memory, and it says so; they go to
 * the files as soon as that works again.
 *
 * Throws SpoolError when another process has the directory, and when a newer version wrote it.
 */
export async function openSpool(options: SpoolOptions): Promise<WriteQueue & AsyncDisposable> {
  const { directory, mostBytes, onDropped, onNotice } = options
  const segmentBytes = Math.min(mostSegmentBytes, Math.ceil(mostBytes / segmentsInSpool))
  const overflow = createMemoryQueue({ mostBytes: options.mostMemoryBytes, onDropped })
  const lost = { segments: 0, bytes: 0 }
  let dropped = 0
  let token = 0
  let unusable: string | undefined
  let handedOut: HandedOut | undefined
  let isClosed = false
  let log: PageLog | undefined
  let turn: Promise<unknown> = Promise.resolve()

  /** Files allow one task at a time. */
  function inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = turn.then(task)
    turn = result.catch(() => {})
    return result
  }

  function noteLog(notice: PageLogNotice): void {
    if (notice.kind === 'corrupt') {
      lost.segments += 1
      lost.bytes += notice.bytes
    }
    onNotice(notice)
  }

  async function openLog(isReplayed: boolean): Promise<PageLog> {
    return openPageLog({ directory, segmentBytes, isReplayed, onNotice: noteLog })
  }

  /** Does what needs the files. Undefined when they cannot be used, which is noted. */
  async function withFiles<Result>(task: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await task()
    } catch (cause) {
      if (!isOfTheWorld(cause)) throw cause
      noteUnusable(cause.message)
      return undefined
    }
  }

  function noteUnusable(reason: string): void {
    if (unusable === undefined) onNotice({ kind: 'unusable', reason })
    unusable = reason
  }

  async function append(record: RunRecord): Promise<void> {
    // The counters have gone on without what lies there, if the files could not be used when they began.
    log ??= await openLog(false)
    while (log.bytes + record.bytes.length > mostBytes) {
      const pages = await log.dropOldest()
      if (pages === undefined) break
      for (const page of pages) tellOfDropped(page)
    }
    await log.append(record)
  }

  function tellOfDropped(page: LedgerPage): void {
    const measurements = page.measurements.length
    dropped += measurements
    onDropped({ node: page.node, during: timeOf(page), measurements })
  }

  /** Pages in memory are younger than those in the files: they must be there before any others are. */
  async function emptyMemory(): Promise<void> {
    for (;;) {
      const next = overflow.peekRuns(1)
      if (next === undefined) return
      for (const { pages, state } of next.runs) await append(runRecord(pages, state))
      await overflow.acknowledge(next.token)
    }
  }

  /** True when the record is in the files, and everything before it. */
  async function appendAfterMemory(record: RunRecord): Promise<boolean> {
    if (isMemoryHandedOut()) return false
    await emptyMemory()
    await append(record)
    return true
  }

  function isMemoryHandedOut(): boolean {
    return handedOut?.tokenInMemory !== undefined
  }

  function noteUsable(): void {
    if (unusable === undefined) return
    unusable = undefined
    onNotice({ kind: 'usable' })
  }

  function nextEntries(mostMeasurements: number): readonly SpoolEntry[] {
    const taken: SpoolEntry[] = []
    let measurements = 0
    for (const entry of log?.waiting ?? []) {
      if (taken.length > 0 && measurements + entry.header.measurements > mostMeasurements) break
      taken.push(entry)
      measurements += entry.header.measurements
    }
    return taken
  }

  /** The oldest batch in the files; undefined when there is none, also when what there was turned out to be lost. */
  async function batchInFiles(mostMeasurements: number): Promise<HandedOut | undefined> {
    for (;;) {
      const entries = nextEntries(mostMeasurements)
      if (log === undefined || entries.length === 0) return undefined
      const records = await log.read(entries)
      if (records === undefined) continue
      token += 1
      log.handOut(entries.length)
      return { tokenInMemory: undefined, waiting: { token, ...batchIn(entries, records) } }
    }
  }

  async function batchInMemory(mostMeasurements: number): Promise<HandedOut | undefined> {
    const waiting = await overflow.peek(mostMeasurements)
    if (waiting === undefined) return undefined
    token += 1
    return { tokenInMemory: waiting.token, waiting: { ...waiting, token } }
  }

  try {
    log = await openLog(true)
  } catch (cause) {
    if (cause instanceof SpoolError || !isOfTheWorld(cause)) throw cause
    noteUnusable(cause.message)
  }

  return {
    push: (page, state) =>
      inTurn(async () => {
        if (isClosed) throw new Error(`The spool in ${directory} is closed.`)
        const record = runRecord([page], state)
        if ((await withFiles(() => appendAfterMemory(record))) === true) noteUsable()
        else await overflow.push(page, state)
      }),

    peek: (mostMeasurements) =>
      inTurn(async () => {
        handedOut ??= await withFiles(() => batchInFiles(mostMeasurements))
        if (handedOut === undefined && !(log !== undefined && log.waiting.length > 0))
          handedOut = await batchInMemory(mostMeasurements)
        return handedOut?.waiting
      }),

    acknowledge: (acknowledged) =>
      inTurn(async () => {
        const done = handedOut
        if (done?.waiting.token !== acknowledged || isClosed) return
        handedOut = undefined
        if (done.tokenInMemory !== undefined) await overflow.acknowledge(done.tokenInMemory)
        else await withFiles(async () => log?.acknowledge())
      }),

    newestStates: () =>
      inTurn(async () => {
        const states = new Map<string, NodeState>()
        for (const state of (await withFiles(statesInFiles)) ?? []) states.set(state.node, state)
        for (const state of await overflow.newestStates()) states.set(state.node, state)
        return [...states.values()]
      }),

    get depth() {
      const inMemory = overflow.depth
      const inFiles = log?.sums ?? { pages: 0, measurements: 0, bytes: 0 }
      const [oldest] = log?.waiting ?? []
      return {
        pages: inFiles.pages + inMemory.pages,
        measurements: inFiles.measurements + inMemory.measurements,
        bytes: inFiles.bytes + inMemory.bytes,
        inMemoryOnly: inMemory.measurements,
        dropped: dropped + inMemory.dropped,
        oldestAt: oldest === undefined ? inMemory.oldestAt : instant(oldest.header.at),
      }
    },

    problems() {
      const problems: string[] = []
      if (unusable !== undefined) {
        const inMemory = overflow.depth.measurements
        problems.push(
          `The spool in ${directory} cannot be used; ${inMemory} measurement(s) wait in memory instead. ${unusable}`,
        )
      }
      if (lost.segments > 0) {
        problems.push(
          `${lost.bytes} byte(s) in ${lost.segments} file(s) of the spool in ${directory} could not be read and are left out.`,
        )
      }
      return problems
    },

    [Symbol.asyncDispose]: () =>
      inTurn(async () => {
        if (isClosed) return
        if (!isMemoryHandedOut()) await withFiles(emptyMemory)
        isClosed = true
        await withFiles(async () => log?.[Symbol.asyncDispose]())
      }),
  }

  async function statesInFiles(): Promise<readonly NodeState[]> {
    for (;;) {
      const newest = [...lastOfNodes(log?.waiting ?? []).values()]
      const records = log === undefined ? [] : await log.read(newest)
      if (records === undefined) continue
      return newest.flatMap(({ header }, index) => {
        const record = records[index]
        return record === undefined ? [] : [stateIn(statePartOf(record, header))]
      })
    }
  }
}

function lastOfNodes(entries: readonly SpoolEntry[]): ReadonlyMap<string, SpoolEntry> {
  return new Map(entries.map((entry) => [entry.header.node, entry]))
}

function batchIn(
  entries: readonly SpoolEntry[],
  records: readonly Buffer[],
): Pick<WaitingBatch, 'batch' | 'measurements'> {
  const last = lastOfNodes(entries)
  const pages: LedgerPage[] = []
  const states: NodeState[] = []
  let measurements = 0
  for (const [index, entry] of entries.entries()) {
    const record = records[index]
    if (record === undefined) throw new Error('an entry has no record')
    const { header } = entry
    pages.push(...pagesOf(record, header))
    measurements += header.measurements
    if (last.get(header.node) === entry) states.push(stateIn(statePartOf(record, header)))
  }
  return { batch: { pages, states }, measurements }
}

/** Whether the file system, or the lock, said no. */
function isOfTheWorld(cause: unknown): cause is Error {
  if (!(cause instanceof Error)) return false
  return cause instanceof SpoolError || 'syscall' in cause || 'errcode' in cause
}
