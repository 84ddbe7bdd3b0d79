import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const sources = fileURLToPath(new URL('../src', import.meta.url))
const built = new URL('../dist/', import.meta.url)

/**
 * Where a module of src/ stands as plain JavaScript, such as `main.js`. Where the sources are there too, as they are in a
 * checkout and not in the image, it is first made of them again if they have changed.
 *
 * @param {string} module
 */
export async function builtProgram(module) {
  if (existsSync(sources)) {
    const { stripTypes } = await import('../scripts/strip-types.js')
    stripTypes(sources, fileURLToPath(built))
  }
  return new URL(module, built)
}
