/**
 * Runs the tests. The coverage of the branches is measured by default and held against the project's bounds once the
 * tests have passed; `--no-coverage` leaves that out, and other arguments name the test files to run.
 */
import { createWriteStream, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Transform } from 'node:stream'
import { finished } from 'node:stream/promises'
import { run } from 'node:test'
import { lcov, spec } from 'node:test/reporters'
import { pathToFileURL } from 'node:url'
import { branchShares, shortfalls } from './coverage-bounds.ts'
import { type TestProcess, testProcesses } from './test-processes.ts'

const allTests = '{src,dashboard,test,simulator,bench,scripts}/**/*.test.ts'
const folder = 'coverage'
const report = join(folder, 'lcov.info')

const given = process.argv.slice(2)
const patterns = given.filter((argument) => !argument.startsWith('--'))
const withCoverage = patterns.length === 0 && !given.includes('--no-coverage')

/** The file that a process is started with: a test, or the imports of those that share it. */
function fileOf({ name, tests: [first = '', ...more] }: TestProcess): string {
  if (name === undefined) return first
  const file = join(folder, `${name}.test.ts`)
  const imports = [first, ...more].map((path) => `import '${pathToFileURL(resolve(path)).href}'\n`)
  writeFileSync(file, imports.join(''))
  return file
}

mkdirSync(folder, { recursive: true })
const files = patterns.length > 0 ? globSync(patterns) : testProcesses(globSync(allTests)).map(fileOf)
if (files.length === 0) throw new Error(`no file is called ${patterns.join(' or ')}`)
const events = run({
  files,
  timeout: 60_000,
  // Many tests wait for a browser, a database or a second to pass: more than the cores can be under way.
  concurrency: 4,
  coverage: withCoverage,
  coverageIncludeGlobs: ['src/**/*.ts'],
  coverageExcludeGlobs: ['**/*.test.ts'],
})
events.on('test:fail', () => {
  process.exitCode = 1
})
// What is covered goes to the report alone: here it would be a table of a line for each file.
const allButCoverage = new Transform({
  objectMode: true,
  transform(event: { readonly type: string }, _encoding, done) {
    if (event.type === 'test:coverage') done()
    else done(null, event)
  },
})
events.pipe(allButCoverage).pipe(new spec()).pipe(process.stdout)
if (withCoverage) await finished(events.compose(lcov).pipe(createWriteStream(report)))

if (withCoverage && process.exitCode === undefined) {
  const shares = branchShares(readFileSync(report, 'utf8'))
  for (const [folder, { taken, all }] of shares) {
    console.log(`branches taken in ${folder}: ${taken} of ${all}, ${((100 * taken) / all).toFixed(1)} %`)
  }
  for (const shortfall of shortfalls(shares)) {
    console.error(shortfall)
    process.exitCode = 1
  }
}
