/** Makes plain JavaScript of TypeScript: what a process then need not do, nor hold the means for, each time it starts. */
import { createHash, randomUUID } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
// Whole, since an old Node.js has no stripTypeScriptTypes to import.
import module from 'node:module'
import path from 'node:path'

/** What a folder was made of stands in this file, which comes last and goes first. */
const mark = 'made-of'

/**
 * Makes in the folder `to`, of each source in `from` but tests, the same without types: `.ts` becomes `.js`, in names and
 * in imports, and each line stays the line that it was. Other files are copied. Does nothing where `to` was made of just
 * these sources, by their content, with this Node.js. Several processes may do so at once. Throws where a source is not
 * understood, or `to` cannot be written.
 *
 * @param {string} from
 * @param {string} to
 * @returns {'made' | 'was-there'}
 */
export function stripTypes(from, to) {
  const sources = filesIn(from).filter((file) => !file.endsWith('.test.ts'))
  const madeOf = digestOf(from, sources)
  const markFile = path.join(to, mark)
  if (existsSync(markFile) && readFileSync(markFile, 'utf8') === madeOf) return 'was-there'

  rmSync(markFile, { force: true })
  const made = new Set([mark])
  for (const source of sources) {
    const target = source.replace(/\.ts$/, '.js')
    mkdirSync(path.dirname(path.join(to, target)), { recursive: true })
    // A process that starts meanwhile finds a whole file or none.
    const unfinished = path.join(to, `${target}.${randomUUID()}`)
    if (source.endsWith('.ts')) writeFileSync(unfinished, plainJavaScript(path.join(from, source)))
    else copyFileSync(path.join(from, source), unfinished)
    renameSync(unfinished, path.join(to, target))
    made.add(target)
  }
  for (const file of filesIn(to)) {
    if (!made.has(file) && !isUnfinished.test(file)) rmSync(path.join(to, file), { force: true })
  }
  writeFileSync(markFile, madeOf)
  return 'made'
}

/** Whether this Node.js can do it: from 22.13 on. */
export const canStripTypes = 'stripTypeScriptTypes' in module

const isUnfinished = /\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** An import of a file of ours, whether static or not. */
const importOfOurs = /(\b(?:from|import)\s*\(?\s*)(['"])(\.{1,2}\/[^'"\n]+)\.ts\2/g

/** @param {string} file */
function plainJavaScript(file) {
  try {
    const source = readFileSync(file, 'utf8')
    return withoutWarning(() => module.stripTypeScriptTypes(source)).replace(importOfOurs, '$1$2$3.js$2')
  } catch (cause) {
    throw new Error(`${file} cannot be made plain JavaScript`, { cause })
  }
}

/**
 * Without the word that Node.js may change the function some day: it is of use to us, whose tests would tell, and not to
 * whoever installs the service.
 *
 * @template T
 * @param {() => T} work
 * @returns {T}
 */
function withoutWarning(work) {
  const ordinary = Object.getOwnPropertyDescriptor(process, 'emitWarning') ?? {}
  process.emitWarning = () => {}
  try {
    return work()
  } finally {
    Object.defineProperty(process, 'emitWarning', ordinary)
  }
}

/** @param {string} folder */
function filesIn(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => statSync(path.join(folder, file), { throwIfNoEntry: false })?.isFile())
    .toSorted()
}

/**
 * @param {string} from
 * @param {readonly string[]} sources
 */
function digestOf(from, sources) {
  const hash = createHash('sha256')
    .update(process.version)
    .update(readFileSync(import.meta.filename))
  for (const source of sources) {
    const content = readFileSync(path.join(from, source))
    hash.update(`\n${source} ${content.length}\n`).update(content)
  }
  return hash.digest('hex')
}
