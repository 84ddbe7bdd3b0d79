import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { testProcesses } from './test-processes.ts'

const processesOf = (...tests: readonly string[]) => testProcesses(tests).map(({ tests: of }) => of)

describe('the processes of the tests', () => {
  it('have each test once, whatever it is', () => {
    const tests = ['src/flows/b.test.ts', 'src/flows/a.test.ts', 'src/cli/a.test.ts', 'elsewhere/a.test.ts']
    assert.deepEqual(
      processesOf(...tests)
        .flat()
        .toSorted(),
      tests.toSorted(),
    )
  })

  it('are shared by what is pure or speaks HTTP alone', () => {
    assert.deepEqual(
      processesOf('src/adapters/dns/a.test.ts', 'src/adapters/eia/a.test.ts', 'src/adapters/spool/a.test.ts'),
      [['src/adapters/dns/a.test.ts', 'src/adapters/eia/a.test.ts'], ['src/adapters/spool/a.test.ts']],
    )
  })

  it('begin with those that take longest', () => {
    assert.deepEqual(processesOf('src/cli/a.test.ts', 'test/end-to-end/targets.test.ts')[0], [
      'test/end-to-end/targets.test.ts',
    ])
  })
})
