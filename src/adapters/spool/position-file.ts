import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Everything before `offset` of this segment, and every segment with a lower number, has been acknowledged. */
export type Position = { readonly number: number; readonly generation: number; readonly offset: number }

const beginning: Position = { number: 0, generation: 0, offset: 0 }
const fileName = 'acknowledged.json'

/** The position that was written last. Without one, all that is there is delivered again, which does no harm. */
export async function readPosition(directory: string): Promise<Position> {
  try {
    const position: unknown = JSON.parse(await readFile(join(directory, fileName), 'utf8'))
    return isPosition(position) ? position : beginning
  } catch {
    return beginning
  }
}

/** Replaces the position in one step. */
export async function writePosition(
  directory: string,
  { number, generation, offset }: Position,
): Promise<void> {
  const path = join(directory, fileName)
  await writeFile(`${path}.new`, JSON.stringify({ number, generation, offset }))
  await rename(`${path}.new`, path)
}

function isPosition(value: unknown): value is Position {
  return (
    typeof value === 'object' &&
    value !== null &&
    'number' in value &&
    Number.isSafeInteger(value.number) &&
    'generation' in value &&
    Number.isSafeInteger(value.generation) &&
    'offset' in value &&
    Number.isSafeInteger(value.offset)
  )
}
