import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { stripTypes } from './strip-types.js'

let folder: string
let from: string
let to: string
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'co2-api-strip-'))
  from = path.join(folder, 'src')
  to = path.join(folder, 'dist')
  writeSource('main.ts', "import { one } from './part/one.ts'\nexport const two: number = one + 1\n")
  writeSource('part/one.ts', 'export type One = number\n\nexport const one: One = 1\n')
})
afterEach(() => rmSync(folder, { recursive: true }))

function writeSource(name: string, text: string): void {
  mkdirSync(path.dirname(path.join(from, name)), { recursive: true })
  writeFileSync(path.join(from, name), text)
}
const made = (name: string) => readFileSync(path.join(to, name), 'utf8')
const filesMade = () =>
  readdirSync(to, { recursive: true, encoding: 'utf8' })
    .filter((file) => path.extname(file) !== '')
    .toSorted()

describe('TypeScript as plain JavaScript', () => {
  it('does the same', async () => {
    assert.equal(stripTypes(from, to), 'made')
    writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }')
    const { two }: { two: unknown } = await import(pathToFileURL(path.join(to, 'main.js')).href)
    assert.equal(two, 2)
  })

  it('has each word in the line and the column where it was', () => {
    writeSource('main.ts', 'type A = {\n  b: 1\n}\nfunction f<T>(t: T): T { throw new Error(String(t)) }\n')
    stripTypes(from, to)
    const lines = made('main.js').split('\n')
    assert.equal(lines.length, 5)
    assert.equal(lines[3]?.indexOf('throw'), 'function f<T>(t: T): T { '.length)
  })

  it('imports its own files by their new names, and others by the names they have', () => {
    const text = `import a from "./a.ts"
export { b } from '../b.ts'
import './c.ts'
import d from './d.json' with { type: 'json' }
import e from 'package/e.ts'
const f = await import(
  './f.ts',
)
const said = 'read ./g.ts'
`
    writeSource('main.ts', text)
    stripTypes(from, to)
    assert.equal(made('main.js'), text.replaceAll(/(\.\/[abcf])\.ts/g, '$1.js'))
  })

  it('brings along what is no source, and leaves tests out', () => {
    writeSource('part/one.sql', 'select 1')
    writeSource('part/one.test.ts', '')
    stripTypes(from, to)
    assert.deepEqual(filesMade(), ['main.js', 'part/one.js', 'part/one.sql'])
    assert.equal(made('part/one.sql'), 'select 1')
  })

  it('is not made again where no source has changed', () => {
    stripTypes(from, to)
    assert.equal(stripTypes(from, to), 'was-there')
    writeSource('part/one.test.ts', 'changed')
    assert.equal(stripTypes(from, to), 'was-there')
  })

  for (const [what, change] of [
    ['has changed', () => writeSource('main.ts', 'export const two = 3')],
    ['has come', () => writeSource('part/three.ts', 'export const three = 3')],
    ['has gone', () => rmSync(path.join(from, 'part/one.ts'))],
  ] as const) {
    it(`is made again where a source ${what}, whatever the time of the file`, () => {
      stripTypes(from, to)
      change()
      assert.equal(stripTypes(from, to), 'made')
      const expected = readdirSync(from, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => file.replace(/\.ts$/, '.js'))
      assert.deepEqual(filesMade(), expected.toSorted())
      assert.equal(stripTypes(from, to), 'was-there')
    })
  }

  it('is made again where the making was broken off, even of the sources that it was made of before', () => {
    stripTypes(from, to)
    const before = readFileSync(path.join(from, 'main.ts'), 'utf8')
    writeSource('main.ts', 'export const two = 3')
    writeSource('part/one.ts', 'this is no TypeScript')
    assert.throws(() => stripTypes(from, to), /one\.ts/)
    writeSource('main.ts', before)
    writeSource('part/one.ts', 'export type One = number\n\nexport const one: One = 1\n')
    assert.equal(stripTypes(from, to), 'made')
    assert.match(made('main.js'), /one \+ 1/)
    assert.ok(existsSync(path.join(to, 'part/one.js')))
  })
})
