import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { chromium } from 'playwright-core'
import { run } from '../../test/cli/captured-terminal.ts'
import { type Answered, type Asked, startFakeService } from '../../test/cli/fake-service.ts'
import { answerOfShop } from '../../test/cli/shop-day.ts'
import { temporaryDirectory } from '../../test/contracts/temporary-directory.ts'
import { findBrowser } from '../adapters/electricity-maps-page/find-browser.ts'

const day = ['--from', '2026-11-23', '--to', '2026-11-24']
const everything = [...day, '--group-by', 'namespace', '--zones', 'DE,FR,PL']

/** Runs a report against the shop's service, or one that answers otherwise. */
async function report(words: readonly string[], answer: (asked: Asked) => Answered = answerOfShop) {
  await using service = await startFakeService(answer)
  const ended = await run(['report', '--url', service.url, ...words])
  return { ...ended, asked: service.asked, url: service.url }
}

const questionsIn = (asked: readonly Asked[]) =>
  asked
    .filter(({ path }) => path === '/api/v1/emissions')
    .map(({ parameters }) => Object.fromEntries(parameters))

describe('co2-api report', () => {
  it('asks for what its options say, in absolute times', async () => {
    const words = `--from now-2h --to now --group-by namespace,workload --zones DE,FR
      --filter namespace=shop --filter namespace=media --filter pod=web-1 --as-of 2026-11-24T11:00
      --basis direct --signal marginal --sort name --format json --step 5m`
    const { asked, code } = await report(words.split(/\s+/))
    assert.equal(code, 0)
    assert.equal(
      asked[0]?.parameters.toString(),
      new URLSearchParams([
        ['from', '2026-11-24T10:00Z'],
        ['to', '2026-11-24T12:00Z'],
        ['group_by', 'namespace,workload'],
        ['zone', 'DE,FR'],
        ['namespace', 'shop'],
        ['namespace', 'media'],
        ['pod', 'web-1'],
        ['step', '300'],
        ['sort', 'name'],
        ['basis', 'direct'],
        ['signal', 'marginal'],
        ['as_of', '2026-11-24T11:00Z'],
        ['limit', '10000'],
      ]).toString(),
    )
  })

  it('covers the last day of all containers where it is not told otherwise', async () => {
    const { asked } = await report([])
    assert.deepEqual(questionsIn(asked), [
      { from: '2026-11-23T12:00Z', to: '2026-11-24T12:00Z', limit: '25' },
    ])
  })

  it('sends the token of a file', async (t) => {
    const file = join(await temporaryDirectory(t), 'token')
    await writeFile(file, 'secret\n')
    const { asked } = await report(['--token-file', file])
    assert.equal(asked[0]?.authorization, 'Bearer secret')
  })

  it('asks for no more groups at once than a million numbers allow', async () => {
    // The fake answers in hours: it would spend its time on writing the 86,400 steps that it is asked for.
    const { asked } = await report([...everything, '--format', 'json', '--step', '1s'], (question) => {
      question.parameters.set('step', '3600')
      return answerOfShop(question)
    })
    assert.equal(asked[0]?.parameters.get('limit'), '2')
  })
})

describe('a report as a table', () => {
  it('shows every group, the total, the range, and whose figures they are', async () => {
    const { written, url } = await report(everything)
    assert.equal(
      written,
      `CO2e from 2026-11-23 00:00 to 2026-11-24 00:00 UTC: all containers, by namespace

NAMESPACE      ENERGY kWh  MEAN W  DE kg  LIKELY           FR kg  PL kg  LIKELY          COVERAGE  FLAGS
shop                11.47   478.0  3.912  3.795 to 4.108   0.246   7.02  3.44 to 11.87     99.7 %  gap
analytics            5.26   219.3  1.795  1.741 to 1.885   0.113   3.22  1.58 to 5.44      99.7 %  started terminated
media                3.44   143.5  1.175  1.139 to 1.233   0.074   2.11  1.03 to 3.56      99.7 %
monitoring           1.45    60.3  0.494  0.479 to 0.518   0.031   0.89  0.43 to 1.50      99.7 %
kube-system          0.97    40.3  0.330  0.320 to 0.346   0.021   0.59  0.29 to 1.00      99.7 %  reset gap
batch                0.53    22.2  0.182  0.176 to 0.191   0.011   0.33  0.16 to 0.55      41.3 %  started terminated
(no name yet)       <0.01     0.1  0.001  0.001 to 0.001  <0.001  <0.01  <0.01 to <0.01    99.7 %  started
---------------------------------------------------------------------------------------------------------------------
total               23.13   963.8  7.888  7.651 to 8.282   0.495  14.16  6.94 to 23.92     99.7 %

DE Germany: 341.0 g/kWh on average: 94.2 % measured (energy-charts), 4.6 % estimated (energy-charts), 1.2 % annual average of 2025 (ember-annual); oldest figure 30 min
   LIKELY: nine of ten true values, where stand-ins take the place of measurements.
FR France: 21.4 g/kWh on average: 100 % measured (rte-eco2mix); oldest figure 15 min
PL Poland: 612.0 g/kWh on average: 98 % annual average of 2025 (ember-annual)
   2 % of the energy has no known intensity and is not in the grams.
   LIKELY: nine of ten true values, where stand-ins take the place of measurements.

energy-charts: Energy-Charts.info, Fraunhofer ISE (CC-BY-4.0)
ember-annual: Ember - Yearly Electricity Data (CC-BY-4.0)
rte-eco2mix: RTE, eCO2mix, via Open Data Réseaux Énergies (ODRÉ) (etalab-2.0)
Coverage: 99.7 % of the time was measured, by 312,480 samples, read as sums over up to 5 min.
Intensities as known at 2026-11-24 12:00:03 UTC; life-cycle emissions, average signal. Not given, so by default: as_of.
What a flag says of the interval in which it stands: docs/command-line.md.
Again: ${url}/api/v1/emissions?from=2026-11-23T00:00Z&to=2026-11-24T00:00Z&group_by=namespace&zone=DE,FR,PL&as_of=2026-11-24T12:00:03.250Z&limit=25
`,
    )
  })

  it('adds up the groups that it has no room for', async () => {
    const { written } = await report([...everything, '--top', '3'])
    assert.match(written, /^\(4 more\) +2\.95 +122\.9 +1\.006 +0\.063 +1\.81$/m)
    assert.match(written, /^total +23\.13 /m)
  })

  it('of totals alone is one line', async () => {
    const { written } = await report(day)
    assert.match(written, /UTC: all containers\n\nENERGY kWh .*\n +23\.13 .*\n\nDE Germany/)
  })

  it('lets no name move the cursor', async () => {
    const { written } = await report(everything, (asked) => {
      const { body } = answerOfShop(asked)
      return { body: JSON.parse(JSON.stringify(body).replaceAll('monitoring', String.raw`m\u001b[2J`)) }
    })
    assert.ok(!written.includes('\u001B'))
    assert.match(written, /^m\u{FFFD}\[2J /mu)
  })

  it('passes on what the service warns of', async () => {
    const { written } = await report(everything, (asked) => {
      const { body } = answerOfShop(asked)
      return { body: typeof body === 'object' ? { ...body, warnings: ['A store is away.'] } : body }
    })
    assert.match(written, /^Warning: A store is away\.$/m)
  })

  it('goes on without the licences of live sources when they cannot be had, and says so', async () => {
    const { code, said } = await report(everything, (asked) =>
      asked.path === '/api/v1/intensity/sources'
        ? { status: 500, body: { error: 'no' } }
        : answerOfShop(asked),
    )
    assert.equal(code, 0)
    assert.match(said, /^co2-api report: the licences of live sources are missing: .* status 500: no\n$/)
  })
})

describe('a report as CSV', () => {
  it('is the service’s own, with all pages under one header', async () => {
    const { written, asked, said } = await report([...everything, '--format', 'csv'], (asked) => {
      asked.parameters.set('limit', '3')
      return answerOfShop(asked)
    })
    assert.deepEqual(
      written.split('\n').map((line) => line.split(',')[0]),
      ['namespace', 'shop', 'analytics', 'media', 'monitoring', 'kube-system', 'batch', '', ''],
    )
    assert.equal(asked.length, 3)
    assert.equal(said, 'co2-api report: one store was away\n')
  })

  it('ends with as many groups as were wanted', async () => {
    const { written } = await report([...everything, '--format', 'csv', '--top', '2'])
    assert.equal(written.trim().split('\n').length, 3)
  })
})

describe('a report as JSON', () => {
  it('is one answer with the groups of all pages', async () => {
    const { written, asked } = await report([...everything, '--format', 'json'], (asked) => {
      asked.parameters.set('limit', '3')
      return answerOfShop(asked)
    })
    const answer: {
      readonly groups: readonly unknown[]
      readonly next: unknown
      readonly group_count: number
    } = JSON.parse(written)
    assert.equal(asked.length, 3)
    assert.equal(answer.groups.length, answer.group_count)
    assert.equal(answer.next, null)
  })
})

describe('a report as a page', () => {
  it('is written to a file, with figures, sources, gaps, coverage and the moment of what was known', async (t) => {
    const file = join(await temporaryDirectory(t), 'report.html')
    const { written, said, code, asked } = await report([...everything, '--format', 'html', '--output', file])
    assert.deepEqual({ written, said, code }, { written: '', said: '', code: 0 })
    const page = await readFile(file, 'utf8')
    for (const text of [
      '7.888 kg of CO₂e, on the grid of Germany',
      'Energy-Charts.info, Fraunhofer ISE',
      'CC-BY-4.0',
      '3 times a counter began again at zero; once a container was gone before its last value was read',
      '99.7 %',
      'as_of=2026-11-24T12:00:03.250Z',
      '2 % without any figure',
      'etalab-2.0',
    ])
      assert.ok(page.includes(text), text)
    assert.deepEqual(
      questionsIn(asked).map(({ step, as_of: asOf }) => ({ step, asOf })),
      [
        { step: undefined, asOf: undefined },
        { step: '900', asOf: '2026-11-24T12:00:03.250Z' },
      ],
    )
  })

  it('says why gaps are not known where the service does not tell', async () => {
    const { written } = await report([...everything, '--format', 'html'], (asked) =>
      asked.path === '/api/v1/audit'
        ? { status: 403, body: { error: 'the token may not' } }
        : answerOfShop(asked),
    )
    assert.match(written, /not known: the token may not/)
  })

  it('holds names as text, whatever stands in them', async () => {
    const { written } = await report([...everything, '--format', 'html'], (asked) => {
      const { body } = answerOfShop(asked)
      return { body: JSON.parse(JSON.stringify(body).replaceAll('monitoring', '<script>alert(1)</script>')) }
    })
    assert.ok(written.includes('&lt;script&gt;alert(1)&lt;/script&gt;'))
    assert.ok(!written.includes('<script'))
  })

  it('says so when there is nothing to show', async () => {
    const { written } = await report([...day, '--format', 'html'], (asked) => {
      const { body } = answerOfShop(asked)
      if (asked.path !== '/api/v1/emissions' || typeof body !== 'object' || body === null) return { body }
      const total = { energy_j: 0, mean_power_w: 0, co2_g: { DE: null } }
      return { body: { ...body, zones: [], total, coverage: 0, samples: 0 } }
    })
    assert.match(written, /<h1>No energy was measured in this time<\/h1>/)
  })

  it('opens in a browser without asking for anything, on a phone and on a desk', async (t) => {
    const file = join(await temporaryDirectory(t), 'report.html')
    await report([...everything, '--format', 'html', '--output', file])
    const found = await findBrowser({
      chromeBinary: process.env['CHROME_BIN'],
      searchPath: process.env['PATH'] ?? '',
    })
    const browser = await chromium.launch({
      executablePath: found.binary,
      env: { ...process.env, ...found.environment },
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    })
    t.after(() => browser.close())
    for (const [width, colorScheme] of [
      [390, 'dark'],
      [1440, 'light'],
    ] as const) {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
      const requests: string[] = []
      const complaints: string[] = []
      page.on('request', (request) => requests.push(request.url()))
      page.on('console', (message) => complaints.push(message.text()))
      await page.goto(`file://${file}`)
      assert.deepEqual(requests, [`file://${file}`])
      assert.deepEqual(complaints, [])
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width)
      assert.equal(await page.locator('h1').innerText(), '7.888 kg of CO₂e, on the grid of Germany')
      await page.close()
    }
  })
})

describe('a report that cannot be made', () => {
  it('says in one line what the command line should hold, and ends with 2', async () => {
    for (const [words, said] of [
      [
        ['--from', 'yesterday'],
        /^co2-api: option '--from <time>' argument 'yesterday' is invalid\. Accepted is an ISO/,
      ],
      [['--from', 'now', '--to', 'now-1h'], /^co2-api report: --from must be before --to$/],
      [
        ['--group-by', 'colour'],
        /Accepted is a list with commas out of namespace, pod, container, node, workload\.$/,
      ],
      [['--format', 'pdf'], /Allowed choices are table, csv, json, html\.$/],
      [['--filter', 'shop'], /Accepted is one of namespace, .*, an equals sign and a value\.$/],
      [['--top', '0'], /Accepted is a whole number from 1 on, or all\.$/],
      [['--url', 'localhost:5001'], /Accepted is an http or https URL without user and password\.$/],
      [['--step', '5x', '--format', 'csv'], /Accepted is a number of seconds/],
      [['--step', '5m'], /^co2-api report: --step needs --format csv, json or html/],
      [['--colour'], /^co2-api: unknown option '--colour'$/],
      [['now'], /^co2-api: too many arguments/],
    ] as const) {
      const ended = await run(['report', ...words])
      assert.equal(ended.code, 2, words.join(' '))
      assert.match(ended.said.trimEnd(), said)
      assert.equal(ended.said.trimEnd().split('\n').length, 1)
    }
  })

  it('says in one line what the service said, and ends with 1', async () => {
    for (const [answered, said] of [
      [{ status: 400, body: { error: 'zone XX is unknown' } }, /^co2-api report: zone XX is unknown$/],
      [
        { status: 401, body: { error: 'no token' } },
        /wants a token: give one with --token-file \(it said: no token\)$/,
      ],
      [{ status: 404, body: 'x' }, /has no \/api\/v1\/emissions: is it co2-api, and not an older version\?$/],
      [{ status: 503, body: { error: 'The store is away' } }, /answered with status 503: The store is away$/],
      [{ body: '<html>' }, /a body that is not JSON: is it co2-api\?$/],
      [{ body: { from: 1 } }, /in a shape that is not understood: /],
    ] as const) {
      const ended = await report(day, () => answered)
      assert.equal(ended.code, 1)
      assert.match(ended.said.trimEnd(), said)
      assert.equal(ended.said.trimEnd().split('\n').length, 1)
    }
  })

  it('says who is not there', async () => {
    const { code, said } = await run(['report', '--url', 'http://127.0.0.1:1'])
    assert.equal(code, 1)
    assert.equal(
      said,
      'co2-api report: http://127.0.0.1:1 could not be reached: ECONNREFUSED; is the service running there?\n',
    )
  })

  it('says which file cannot be read or written', async (t) => {
    const folder = await temporaryDirectory(t)
    const missing = join(folder, 'none', 'file')
    assert.match((await report(['--output', missing])).said, /none\/file cannot be written: ENOENT\n$/)
    assert.match(
      (await report(['--token-file', missing])).said,
      /the token file .* cannot be read: ENOENT\n$/,
    )
    const empty = join(folder, 'empty')
    await writeFile(empty, '\n')
    assert.match((await report(['--token-file', empty])).said, /must hold one non-empty line\n$/)
  })
})

describe('co2-api', () => {
  it('tells of its commands and its exit codes', async () => {
    const { code, written } = await run(['--help'])
    assert.equal(code, 0)
    for (const text of ['report', 'serve', 'Exit codes: 0 done, 1 failed, 2'])
      assert.ok(written.includes(text), text)
  })

  it('tells its version', async () => {
    assert.match((await run(['--version'])).written, /^\d+\.\d+\.\d+\n$/)
  })

  it('ends with 2 for a command that it does not know, or none', async () => {
    assert.deepEqual(await run(['reprot']), {
      code: 2,
      written: '',
      said: "co2-api: unknown command 'reprot' (Did you mean report?)\n",
    })
    assert.equal((await run([])).code, 2)
  })
})
