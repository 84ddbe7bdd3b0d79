import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import path from 'node:path'
import { describe, it } from 'node:test'
import processSettings from '../../bin/process-settings.json' with { type: 'json' }
import packageJson from '../../package.json' with { type: 'json' }
import { startServiceProcess } from './service-process.ts'

/** Says at the end of a process how that was started. */
const observer = `process.on('exit', () => console.log(JSON.stringify({
  pid: process.pid, options: process.execArgv, arenas: process.env.MALLOC_ARENA_MAX, main: process.argv[1]
})))`
const environment = {
  EXPORTER_URL: 'http://127.0.0.1:9/metrics',
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(observer)}`,
}

describe('the service as it is started outside of tests', () => {
  for (const words of [['bin/serve.js'], ['bin/co2-api.js', 'serve']]) {
    it(`by ${words.join(' ')}, is one process of plain JavaScript with its settings, and stops in order`, async () => {
      const service = await startServiceProcess(environment, words)
      // Out of a table in data/, which stands beside dist/ as beside src/.
      const answer = await fetch(`${service.url}/api/v1/intensity/latest?zone=FR`)
      assert.equal(answer.status, 200)
      assert.equal(await service.stop(), 0)
      assert.deepEqual(JSON.parse(service.log.at(-1) ?? ''), {
        pid: service.process.pid,
        options: processSettings.options,
        arenas: processSettings.environment.MALLOC_ARENA_MAX,
        main: path.resolve('dist/main.js'),
      })
    })
  }

  it('lets whoever starts it have the last word on the settings of its process', async () => {
    const words = ['--max-semi-space-size=4', 'bin/serve.js']
    const service = await startServiceProcess({ ...environment, MALLOC_ARENA_MAX: '3' }, words)
    assert.equal(await service.stop(), 0)
    assert.partialDeepStrictEqual(JSON.parse(service.log.at(-1) ?? ''), {
      options: [...processSettings.options, '--max-semi-space-size=4'],
      arenas: '3',
    })
  })

  it('is what npm start starts', () => {
    assert.equal(packageJson.scripts.start, 'node bin/serve.js')
  })

  it('has all that it reads beside its modules, such as the steps of a schema', () => {
    execFileSync(process.execPath, ['bin/co2-api.js', '--version'])
    const read = globSync('src/**/*.*').filter((file) => !file.endsWith('.ts'))
    assert.ok(read.length > 5)
    for (const file of read) assert.ok(existsSync(file.replace(/^src/, 'dist')), file)
  })
})
