import { Buffer } from 'node:buffer'

const newline = 10

/**
 * The lines of a body as they arrive, without their ends. What is left at the end without a newline is not whole and
 * is left out. Throws RangeError when a line holds more than `mostBytes`, without having collected more.
 */
export async function* linesOf(
  body: AsyncIterable<unknown>,
  mostBytes: number,
): AsyncGenerator<string, void, undefined> {
  let parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) continue
    let begin = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, begin)) {
      const line = Buffer.concat([...parts, chunk.subarray(begin, end)])
      if (line.length > mostBytes) throw tooLong(mostBytes)
      yield line.toString('utf8')
      parts = []
      length = 0
      begin = end + 1
    }
    if (begin === chunk.length) continue
    parts.push(chunk.subarray(begin))
    length += chunk.length - begin
    if (length > mostBytes) throw tooLong(mostBytes)
  }
}

function tooLong(mostBytes: number): RangeError {
  return new RangeError(`a line holds more than ${mostBytes} bytes`)
}
