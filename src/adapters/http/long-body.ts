import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** A body of up to this many characters is sent in one piece; a longer one is streamed. */
const mostCharactersAtOnce = 256 * 1024
/** After so long others have their turn. */
const turnMs = 8

/** A body of text: whole where it is short, else a stream. */
export function bodyOf(pieces: Iterator<string, undefined>): string | Readable {
  let begun = ''
  for (;;) {
    const next = pieces.next()
    if (next.done === true) return begun
    begun += next.value
    if (begun.length > mostCharactersAtOnce) return streamOf(following(begun, pieces))
  }
}

/** Pieces as a stream. They are made as fast as they are read, in turns between which other requests are answered. */
export function streamOf(pieces: Iterable<string | Uint8Array>): Readable {
  return Readable.from(inTurns(pieces))
}

async function* inTurns<Piece>(pieces: Iterable<Piece>): AsyncGenerator<Piece> {
  let begunAt = performance.now()
  for (const piece of pieces) {
    yield piece
    if (performance.now() - begunAt < turnMs) continue
    await nextTurn()
    begunAt = performance.now()
  }
}

function* following(begun: string, pieces: Iterator<string, undefined>): Generator<string> {
  yield begun
  for (let next = pieces.next(); next.done !== true; next = pieces.next()) yield next.value
}
