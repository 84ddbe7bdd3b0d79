import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import type { LedgerPage } from '../../energy/ledger-page.ts'
import { compactedRecords } from './compaction.ts'
import { lockDirectory } from './directory-lock.ts'
import { type Position, readPosition, writePosition } from './position-file.ts'
import { type RunRecord, recordAt } from './run-record.ts'
import {
  type Segment,
  type SpoolEntry,
  scanSegment,
  segmentName,
  segmentNamed,
  segmentStart,
} from './segment.ts'
import { readStretch, stretchesOf, writeAll, writeWhole } from './segment-io.ts'
import { SpoolError } from './spool-error.ts'

/** What was found in the files that a user should know of. */
export type PageLogNotice =
  | { readonly kind: 'replayed'; readonly pages: number; readonly measurements: number }
  /** The last record was not written to its end, since the process was killed. It is cut off. */
  | { readonly kind: 'cut-off'; readonly file: string; readonly bytes: number }
  /** Records were changed, or their file is gone. So many bytes, up to the end of the file, are left out. */
  | { readonly kind: 'corrupt'; readonly file: string; readonly bytes: number }
  /** Pages were found after the counters had gone on without them. Their file is renamed and left out. */
  | {
      readonly kind: 'found-late'
      readonly file: string
      readonly pages: number
      readonly measurements: number
    }

export type PageLogOptions = {
  readonly directory: string
  /** A segment takes records until it is as long as this. */
  readonly segmentBytes: number
  /** Whether pages that are there already still count; see `found-late`. */
  readonly isReplayed: boolean
  readonly onNotice: (notice: PageLogNotice) => void
}

/**
 * Records in the files of one directory, in order. A record that was appended outlives a kill of the process, but not
 * a power cut: only closing waits for the disk. All methods throw what the file system throws, and leave the log as
 * it was; one may run at a time.
 */
export type PageLog = AsyncDisposable & {
  /** What is not acknowledged, oldest first. */
  readonly waiting: readonly SpoolEntry[]
  readonly sums: { readonly pages: number; readonly measurements: number; readonly bytes: number }
  /** The length of all files. */
  readonly bytes: number
  append(record: RunRecord): Promise<void>
  /** The bytes of waiting records; undefined when some are lost, which do not wait any more then. */
  read(entries: readonly SpoolEntry[]): Promise<readonly Buffer[] | undefined>
  /** Marks the oldest `count` records as handed out. */
  handOut(count: number): void
  /** Lets go of the records that are handed out. */
  acknowledge(): Promise<void>
  /**
   * Drops the measurements of the oldest segment that has some, but of no record that is handed out. Gives the pages
   * that were dropped; undefined when there is nothing to drop.
   */
  dropOldest(): Promise<readonly LedgerPage[] | undefined>
}

/** Opens the log, with what waits in it. Throws SpoolError when another process or a newer version has it. */
export async function openPageLog(options: PageLogOptions): Promise<PageLog> {
  const { directory, segmentBytes, onNotice } = options
  await mkdir(directory, { recursive: true })
  using opening = new DisposableStack()
  opening.use(lockDirectory(directory))
  const pathOf = (segment: Segment) => join(directory, segmentName(segment))

  const position = await readPosition(directory)
  let segments = await segmentsIn(directory, position)
  const waiting: SpoolEntry[] = []
  const sums = { pages: 0, measurements: 0, bytes: 0 }
  let handedOut = 0
  let lastNumber = Math.max(position.number, ...segments.map(({ number }) => number))
  let active: { readonly segment: Segment; readonly handle: FileHandle } | undefined
  await takeOver()
  const lock = opening.move()

  async function takeOver(): Promise<void> {
    for (const segment of segments) {
      const file = segmentName(segment)
      const bytes = await readFile(pathOf(segment))
      const { entries, end, ending } = scanSegment(segment, bytes)
      if (ending === 'other-format')
        throw new SpoolError(
          `Another version wrote ${file} in ${directory}; this one does not understand it.`,
        )
      segment.bytes = bytes.length
      const isLast = segment === segments.at(-1)
      if (ending === 'torn' && isLast) {
        await truncate(pathOf(segment), end)
        segment.bytes = end
        if (bytes.length > end) onNotice({ kind: 'cut-off', file, bytes: bytes.length - end })
      } else if (ending !== 'whole') {
        onNotice({ kind: 'corrupt', file, bytes: bytes.length - end })
      }
      const left = entries.filter(({ offset }) => !isBefore(segment, offset, position))
      if (options.isReplayed) left.forEach(add)
      else if (left.length > 0) await setAside(segment, left)
    }
    if (waiting.length > 0) onNotice({ kind: 'replayed', pages: sums.pages, measurements: sums.measurements })
    await removeConsumed()
  }

  function add(entry: SpoolEntry): void {
    waiting.push(entry)
    count(entry, 1)
  }

  function replaceOldest(many: number, entries: readonly SpoolEntry[]): void {
    for (const entry of waiting.splice(0, many, ...entries)) count(entry, -1)
    for (const entry of entries) count(entry, 1)
  }

  function count({ header, bytes }: SpoolEntry, sign: 1 | -1): void {
    sums.pages += sign * header.pages
    sums.measurements += sign * header.measurements
    sums.bytes += sign * bytes
  }

  async function setAside(segment: Segment, entries: readonly SpoolEntry[]): Promise<void> {
    const file = `${segmentName(segment)}.late`
    await rename(pathOf(segment), join(directory, file))
    onNotice({ kind: 'found-late', file, ...totals(entries) })
  }

  async function startSegment(): Promise<NonNullable<typeof active>> {
    await closeActive()
    lastNumber += 1
    const segment: Segment = { number: lastNumber, generation: 0, bytes: segmentStart.length }
    const handle = await open(pathOf(segment), 'wx')
    try {
      await writeAll(handle, segmentStart, 0)
    } catch (cause) {
      await handle.close()
      await rm(pathOf(segment), { force: true })
      throw cause
    }
    segments.push(segment)
    active = { segment, handle }
    return active
  }

  async function closeActive(): Promise<void> {
    const closing = active
    active = undefined
    await closing?.handle.close()
  }

  async function removeConsumed(): Promise<void> {
    const [oldest] = waiting
    for (const segment of segments) {
      if (segment === active?.segment) continue
      if (oldest !== undefined && segment.number >= oldest.segment.number) return
      await rm(pathOf(segment), { force: true })
      segments = segments.filter((other) => other !== segment)
    }
  }

  async function lose(segment: Segment, offset: number): Promise<void> {
    onNotice({ kind: 'corrupt', file: segmentName(segment), bytes: segment.bytes - offset })
    const isLost = (entry: SpoolEntry) => entry.segment === segment && entry.offset >= offset
    handedOut -= waiting.slice(0, handedOut).filter(isLost).length
    const left = waiting.filter((entry) => !isLost(entry))
    replaceOldest(waiting.length, left)
    if (active?.segment === segment) await closeActive()
  }

  async function read(entries: readonly SpoolEntry[]): Promise<readonly Buffer[] | undefined> {
    const records: Buffer[] = []
    for (const stretch of stretchesOf(entries)) {
      const [{ segment, offset: start }] = stretch
      const bytes = await readStretch(pathOf(segment), stretch)
      for (const { offset, bytes: length } of stretch) {
        const found = recordAt(bytes, offset - start)
        if (found.kind === 'broken' || found.bytes !== length) {
          await lose(segment, offset)
          return undefined
        }
        records.push(bytes.subarray(offset - start, offset - start + length))
      }
    }
    return records
  }

  return {
    waiting,

    sums,

    get bytes() {
      return segments.reduce((sum, { bytes }) => sum + bytes, 0)
    },

    async append({ header, bytes }) {
      const isFull = active === undefined || active.segment.bytes >= segmentBytes
      const { segment, handle } = isFull || active === undefined ? await startSegment() : active
      const offset = segment.bytes
      try {
        await writeAll(handle, bytes, offset)
      } catch (cause) {
        await handle.truncate(offset).catch(closeActive)
        throw cause
      }
      segment.bytes += bytes.length
      add({ segment, offset, bytes: bytes.length, header })
    },

    read,

    handOut(count) {
      handedOut = count
    },

    async acknowledge() {
      const last = waiting[handedOut - 1]
      replaceOldest(handedOut, [])
      handedOut = 0
      if (last === undefined) return
      const { number, generation } = last.segment
      try {
        await writePosition(directory, { number, generation, offset: last.offset + last.bytes })
      } finally {
        // Also when the disk is too full for the position: this makes room, and a second delivery does no harm.
        if (waiting.length === 0 && (active?.segment.bytes ?? 0) > segmentBytes / 4) await closeActive()
        await removeConsumed()
      }
    },

    async dropOldest() {
      const first = waiting.find(({ header }, index) => index >= handedOut && header.measurements > 0)
      if (first === undefined) return undefined
      const { number, generation } = first.segment
      if (active?.segment === first.segment) await closeActive()
      const affected = waiting.filter(({ segment }) => segment.number <= number)
      const records = await read(affected)
      if (records === undefined) return []
      const { dropped, remains } = compactedRecords(affected, { records, spared: handedOut })
      const segment: Segment = { number, generation: generation + 1, bytes: segmentStart.length }
      const entries = remains.map(({ header, bytes }) => {
        const entry = { segment, offset: segment.bytes, bytes: bytes.length, header }
        segment.bytes += bytes.length
        return entry
      })
      await writeWhole(pathOf(segment), [segmentStart, ...remains.map(({ bytes }) => bytes)])
      const replaced = segments.filter((other) => other.number <= number)
      segments = [segment, ...segments.filter((other) => other.number > number)]
      replaceOldest(affected.length, entries)
      // What cannot be removed now is removed at the next start, since a compacted segment replaces all before it.
      for (const other of replaced) await rm(pathOf(other), { force: true }).catch(() => {})
      return dropped
    },

    async [Symbol.asyncDispose]() {
      using _ = lock
      await active?.handle.sync()
      await closeActive()
    },
  }
}

/** The segments that are not acknowledged whole, in order. Removes what an interruption has left of others. */
async function segmentsIn(directory: string, position: Position): Promise<Segment[]> {
  const names = await readdir(directory)
  const found = names.map(segmentNamed).filter((segment) => segment !== undefined)
  const compacted = found
    .filter(({ generation }) => generation > 0)
    .sort(inOrder)
    .at(-1)
  const isLeft = (segment: Segment) =>
    segment.number >= position.number && (compacted === undefined || inOrder(segment, compacted) >= 0)
  const obsolete = found.filter((segment) => !isLeft(segment)).map(segmentName)
  const unfinished = names.filter((name) => name.endsWith('.new'))
  for (const name of [...obsolete, ...unfinished]) await rm(join(directory, name), { force: true })
  return found.filter(isLeft).sort(inOrder)
}

function inOrder(a: Segment, b: Segment): number {
  return a.number - b.number || a.generation - b.generation
}

function isBefore({ number, generation }: Segment, offset: number, position: Position): boolean {
  return number === position.number && generation === position.generation && offset < position.offset
}

function totals(entries: readonly SpoolEntry[]) {
  return {
    pages: entries.reduce((sum, { header }) => sum + header.pages, 0),
    measurements: entries.reduce((sum, { header }) => sum + header.measurements, 0),
  }
}
