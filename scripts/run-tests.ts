/**
 * Runs the tests. The coverage of the branches is measured by default and held against the project's bounds once the
 * tests have passed; `--no-coverage` leaves that out, and other arguments name the test files to run.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { branchShares, shortfalls } from './coverage-bounds.ts'

const allTests = '{src,dashboard,test,simulator,bench,scripts}/**/*.test.ts'
const report = 'coverage/lcov.info'

const given = process.argv.slice(2)
const files = given.filter((argument) => !argument.startsWith('--'))
const withCoverage = files.length === 0 && !given.includes('--no-coverage')

const coverageFlags = [
  '--experimental-test-coverage',
  '--test-coverage-include=src/**/*.ts',
  '--test-coverage-exclude=**/*.test.ts',
  '--test-reporter=lcov',
  `--test-reporter-destination=${report}`,
]

mkdirSync('coverage', { recursive: true })
const tests = spawnSync(
  process.execPath,
  [
    '--test',
    '--test-timeout=60000',
    // Many tests wait for a browser, a database or a second to pass: more than the cores can be under way.
    '--test-concurrency=3',
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    ...(withCoverage ? coverageFlags : []),
    ...(files.length > 0 ? files : [allTests]),
  ],
  { stdio: 'inherit' },
)
process.exitCode = tests.status ?? 1

if (withCoverage && process.exitCode === 0) {
  const shares = branchShares(readFileSync(report, 'utf8'))
  for (const [folder, { taken, all }] of shares) {
    console.log(`branches taken in ${folder}: ${taken} of ${all}, ${((100 * taken) / all).toFixed(1)} %`)
  }
  for (const shortfall of shortfalls(shares)) {
    console.error(shortfall)
    process.exitCode = 1
  }
}
