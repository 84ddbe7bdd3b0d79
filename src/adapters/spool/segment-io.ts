import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import type { Segment, SpoolEntry } from './segment.ts'

type Stretch = [SpoolEntry, ...SpoolEntry[]]

/** Entries that follow each other in a file, so that they can be read at once. */
export function stretchesOf(entries: readonly SpoolEntry[]): readonly Stretch[] {
  const stretches: Stretch[] = []
  let end: { readonly segment: Segment; readonly offset: number } | undefined
  for (const entry of entries) {
    if (end?.segment === entry.segment && end.offset === entry.offset) stretches.at(-1)?.push(entry)
    else stretches.push([entry])
    end = { segment: entry.segment, offset: entry.offset + entry.bytes }
  }
  return stretches
}

/** The bytes of a stretch; fewer when the file is shorter, none when it is gone. */
export async function readStretch(path: string, stretch: Stretch): Promise<Buffer> {
  const [{ offset }] = stretch
  const bytes = Buffer.alloc(stretch.reduce((sum, { bytes }) => sum + bytes, 0))
  let handle: FileHandle
  try {
    handle = await open(path, 'r')
  } catch (cause) {
    if (isMissing(cause)) return Buffer.alloc(0)
    throw cause
  }
  try {
    let filled = 0
    while (filled < bytes.length) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, offset + filled)
      if (bytesRead === 0) return bytes.subarray(0, filled)
      filled += bytesRead
    }
    return bytes
  } finally {
    await handle.close()
  }
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
}

export async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, written, bytes.length - written, position + written)
    written += bytesWritten
  }
}

/** Writes a file that is there whole or not at all. */
export async function writeWhole(path: string, parts: readonly Buffer[]): Promise<void> {
  const unfinished = `${path}.new`
  try {
    const handle = await open(unfinished, 'w')
    try {
      await writeAll(handle, Buffer.concat(parts), 0)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(unfinished, path)
  } catch (cause) {
    await rm(unfinished, { force: true })
    throw cause
  }
}
