import { createGunzip } from 'node:zlib'

/** Where the bytes of a body go. A piece is valid only during the call. */
export type BodyReceiver = {
  /** False: no more for now. */
  push(piece: Uint8Array): boolean
  /** There is no more. Resolves when all that was pushed has been dealt with. */
  end(): Promise<void>
  /** There will be no end. */
  abandon(): void
}

/** Hands every piece on at once. */
export function createPlainReceiver(take: (piece: Uint8Array) => void): BodyReceiver {
  return {
    push(piece) {
      take(piece)
      return true
    },
    async end() {},
    abandon() {},
  }
}

/** Lets so many bytes pass, and throws what `tooMany` makes at the first one beyond. */
export function createLimitedReceiver(
  receiver: BodyReceiver,
  { mostBytes, tooMany }: { readonly mostBytes: number; readonly tooMany: () => Error },
): BodyReceiver {
  let length = 0
  return {
    ...receiver,
    push(piece) {
      length += piece.length
      if (length > mostBytes) throw tooMany()
      return receiver.push(piece)
    },
  }
}

/**
 * Inflates a body on its way to `receiver`. The inflating is done beside the main thread, so what comes faster than that
 * has to wait: `onReadyForMore` says when. `onFailure` is told of what cannot be inflated, and of what `receiver` throws.
 */
export function createInflater(
  receiver: BodyReceiver,
  {
    onFailure,
    onReadyForMore,
  }: { readonly onFailure: (cause: unknown) => void; readonly onReadyForMore: () => void },
): BodyReceiver {
  const gunzip = createGunzip()
  const inflated = Promise.withResolvers<void>()
  // Whoever waits for the end sees it fail; before that, `onFailure` has been told.
  inflated.promise.catch(() => {})
  gunzip.on('data', (piece: Uint8Array) => {
    try {
      receiver.push(piece)
    } catch (cause) {
      gunzip.destroy(cause instanceof Error ? cause : new Error(String(cause)))
    }
  })
  gunzip.on('drain', onReadyForMore)
  gunzip.once('end', () => inflated.resolve())
  gunzip.once('error', (cause) => {
    inflated.reject(cause)
    onFailure(cause)
  })

  return {
    push(piece) {
      // The bytes are needed longer than the call lasts.
      return gunzip.write(piece.slice())
    },

    async end() {
      gunzip.end()
      await inflated.promise
      await receiver.end()
    },

    abandon() {
      gunzip.destroy()
    },
  }
}
