/**
 * How fast is a scraped body read, beside the npm parser and a plain one?
 *
 *     npm run bench:parse -- --containers 10000
 *
 * All contenders run in turn, round after round, in one process; the table shows medians. Each adds up the values it
 * read, and the sums must agree. The body's values differ from round to round, its series do not.
 */
import { createRequire } from 'node:module'
import { parseArgs } from 'node:util'
import { parseExposition } from '../src/exposition/parse.ts'
import { createSeriesReader } from '../src/exposition/series-reader.ts'
import { keplerBody } from './bodies.ts'
import { median } from './median.ts'

type Sum = { series: number; values: number }
type Contender = {
  readonly name: string
  readonly read: (body: Uint8Array) => Sum
  readonly seconds: number[]
}

const wantedFamily = 'kepler_container_joules_total'
const { values: options } = parseArgs({
  options: {
    containers: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '9' },
  },
})
const containers = Number(options.containers)
const rounds = Number(options.rounds)
/** As much as is read from a socket at once. */
const pieceBytes = 256 * 1024
/** For the compiler, and for the readers to have seen the series. */
const warmUpRounds = 6
const bodies = [
  keplerBody({ containers, secondsUp: 36_000 }),
  keplerBody({ containers, secondsUp: 36_010.5 }),
]

const all: Contender = { name: 'parseExposition: every sample, values only', read: readCold, seconds: [] }
const npm: Contender = { name: 'npm parse-prometheus-text-format', read: readWithNpm(), seconds: [] }
const plain: Contender = { name: 'split and regular expression', read: readPlainly, seconds: [] }
const oneFamily: Contender = {
  name: 'series reader, seen before, one family wanted',
  read: steadyReader((name) => name === wantedFamily),
  seconds: [],
}
const contenders: readonly Contender[] = [
  all,
  { name: 'parseExposition: names and labels as strings', read: readColdWithLabels, seconds: [] },
  { name: 'series reader, new: every series recognised', read: (body) => steadyReader()(body), seconds: [] },
  { name: 'series reader, seen before, all wanted', read: steadyReader(), seconds: [] },
  oneFamily,
  npm,
  plain,
]

for (let round = -warmUpRounds; round < rounds; round++) {
  const body = bodies[(round + warmUpRounds) % bodies.length] ?? new Uint8Array()
  const expected = readCold(body)
  for (const contender of contenders) {
    globalThis.gc?.()
    const start = performance.now()
    const sum = contender.read(body)
    const seconds = (performance.now() - start) / 1000
    if (round >= 0) contender.seconds.push(seconds)
    assertSame(contender, sum, contender === oneFamily ? sumOfOneFamily(body) : expected)
  }
}

const megabytes = (bodies[0]?.length ?? 0) / 1e6
const series = readCold(bodies[0] ?? new Uint8Array()).series
const npmSeconds = median(npm.seconds)
const plainSeconds = median(plain.seconds)
console.log(
  `${containers} containers, ${series} series, ${megabytes.toFixed(1)} MB, median of ${rounds}, Node ${process.version}`,
)
console.table(
  Object.fromEntries(
    contenders.map(({ name, seconds }) => {
      const median_ = median(seconds)
      return [
        name,
        {
          ms: Number((median_ * 1000).toFixed(1)),
          'MB/s': Math.round(megabytes / median_),
          'million series/s': Number((series / median_ / 1e6).toFixed(2)),
          'x npm': Number((npmSeconds / median_).toFixed(1)),
          'x plain': Number((plainSeconds / median_).toFixed(1)),
        },
      ]
    }),
  ),
)

function readCold(body: Uint8Array): Sum {
  const sum = { series: 0, values: 0 }
  parseExposition(body, 'prometheus-text', {
    sample(view) {
      sum.series++
      sum.values += view.value
    },
  })
  return sum
}

function readColdWithLabels(body: Uint8Array): Sum {
  const sum = { series: 0, values: 0 }
  let characters = 0
  parseExposition(body, 'prometheus-text', {
    sample(view) {
      sum.series++
      sum.values += view.value
      characters += view.name().length
      for (const [name, value] of view.labels()) characters += name.length + value.length
    },
  })
  if (characters === 0) throw new Error('No label was read')
  return sum
}

function steadyReader(wantsName?: (name: string) => boolean): (body: Uint8Array) => Sum {
  const recognised = { times: 0 }
  const reader = createSeriesReader(() => ({ number: recognised.times++ }), wantsName)
  return (body) => {
    const sum = { series: 0, values: 0 }
    const reading = reader.begin('prometheus-text', (_, value) => {
      sum.series++
      sum.values += value
    })
    for (let at = 0; at < body.length; at += pieceBytes) reading.push(body.subarray(at, at + pieceBytes))
    reading.end()
    return sum
  }
}

function sumOfOneFamily(body: Uint8Array): Sum {
  const sum = { series: 0, values: 0 }
  parseExposition(body, 'prometheus-text', {
    sample(view) {
      if (view.name() !== wantedFamily) return
      sum.series++
      sum.values += view.value
    },
  })
  return sum
}

/** What one would write in ten minutes: strings, `split` and two regular expressions. */
function readPlainly(body: Uint8Array): Sum {
  const sum = { series: 0, values: 0 }
  const samples: { name: string; labels: Record<string, string>; value: number }[] = []
  for (const line of new TextDecoder().decode(body).split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)/.exec(line)
    if (match === null) continue
    const labels: Record<string, string> = {}
    for (const [, name = '', value = ''] of (match[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g))
      labels[name] = value
    samples.push({ name: match[1] ?? '', labels, value: Number(match[3]) })
  }
  for (const { value } of samples) {
    sum.series++
    sum.values += value
  }
  return sum
}

function readWithNpm(): (body: Uint8Array) => Sum {
  const parse: unknown = createRequire(import.meta.url)('parse-prometheus-text-format')
  if (typeof parse !== 'function') throw new Error('parse-prometheus-text-format exports no function')
  return (body) => {
    const sum = { series: 0, values: 0 }
    const families: unknown = Reflect.apply(parse, undefined, [new TextDecoder().decode(body)])
    for (const family of Array.isArray(families) ? families : []) {
      for (const metric of family.metrics) {
        sum.series++
        sum.values += Number(metric.value)
      }
    }
    return sum
  }
}

function assertSame({ name }: Contender, actual: Sum, expected: Sum): void {
  if (actual.series !== expected.series || actual.values !== expected.values) {
    throw new Error(`${name} read ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`)
  }
}
