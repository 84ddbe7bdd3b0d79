import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { hashed } from './byte-strings.ts'
import { bytesOf } from './everything-in.ts'
import type { ExpositionFormat } from './format.ts'
import type { ExpositionOutcome } from './outcome.ts'
import { parseExposition } from './parse.ts'
import type { Label } from './sample-line.ts'
import { createSeriesReader, type SeriesReader } from './series-reader.ts'

type Read = readonly [series: string, value: number, timestampMs?: number | undefined]

const seriesKey = (name: string, labels: readonly Label[]) => JSON.stringify([name, ...labels])
const isWanted = (name: string, labels: readonly Label[]) =>
  !labels.some(([, value]) => value === 'idle') && name !== 'b'

/** Reads a body that comes in pieces of so many bytes, or whole. */
function readAll(
  reader: SeriesReader<string>,
  body: string,
  { format = 'prometheus-text', pieceBytes = Number.POSITIVE_INFINITY }: ReadingOptions = {},
) {
  const samples: Read[] = []
  const reading = reader.begin(format, (...read) => samples.push(read))
  const bytes = bytesOf(body)
  // Each piece overwrites the one before, as a network's buffer does.
  const buffer = new Uint8Array(Math.min(pieceBytes, bytes.length))
  for (let at = 0; at < bytes.length; at += buffer.length) {
    const piece = bytes.subarray(at, at + buffer.length)
    buffer.set(piece)
    reading.push(buffer.subarray(0, piece.length))
    buffer.fill(0x7e)
  }
  const { hasSamples, ...outcome } = reading.end()
  return { samples, outcome, hasSamples }
}

type ReadingOptions = { readonly format?: ExpositionFormat; readonly pieceBytes?: number }

/** What reading every line in full gives, without any memory. */
function parsed(
  body: string,
  format: ExpositionFormat,
  wants: (name: string, labels: readonly Label[]) => boolean,
) {
  const samples: Read[] = []
  const outcome = parseExposition(bytesOf(body), format, {
    sample(view) {
      const labels = view.labels()
      if (wants(view.name(), labels))
        samples.push([seriesKey(view.name(), labels), view.value, view.timestampMs])
    },
  })
  const expected: ExpositionOutcome = { ...outcome, samples: samples.length }
  return { samples, outcome: expected }
}

/** A reader that counts how often it had to ask. */
function countingReader(wantsName?: (name: string) => boolean) {
  const asked: string[] = []
  const reader = createSeriesReader((name, labels) => {
    const key = seriesKey(name, labels)
    asked.push(key)
    return isWanted(name, labels) ? key : undefined
  }, wantsName)
  return { reader, asked }
}

describe('a series reader', () => {
  it('hands over what the series was recognised as, with value and timestamp', () => {
    const { reader } = countingReader()
    assert.deepEqual(readAll(reader, '# TYPE a counter\na{mode="dynamic"} 1.5 1000\na 2\n'), {
      samples: [
        ['["a",["mode","dynamic"]]', 1.5, 1000],
        ['["a"]', 2, undefined],
      ],
      outcome: { samples: 2, badLines: { count: 0, first: [] }, ending: 'complete' },
      hasSamples: true,
    })
  })

  it('asks only once what a series is, wanted or not, however the lines are ordered', () => {
    const { reader, asked } = countingReader()
    readAll(reader, 'a{x="1"} 1\na{x="2"} 2\na{x="idle"} 3\n')
    assert.equal(asked.length, 3)
    readAll(reader, 'a{x="idle"} 4\na{x="2"} 5\n# in between\na{x="1"} 6\n')
    readAll(reader, 'a{x="2"} 5\na{x="2"} 5\na{x="1"} 6\n')
    assert.equal(asked.length, 3)
    assert.equal(reader.knownSeries, 3)
  })

  it('takes nothing from a series that is not wanted', () => {
    const { reader } = countingReader()
    for (const scrape of [1, 2, 3]) {
      const { samples } = readAll(reader, `a 1\na{x="idle"} ${scrape}\nb 1\na{x="2"} 2\n`)
      assert.deepEqual(samples, [
        ['["a"]', 1, undefined],
        ['["a",["x","2"]]', 2, undefined],
      ])
    }
  })

  it('tells a body without a sample from one without a wanted sample', () => {
    const { reader } = countingReader((name) => name !== 'c')
    for (const body of ['b 1\n', 'c 1\n', 'a 1\n']) assert.equal(readAll(reader, body).hasSamples, true, body)
    for (const body of ['', '\n', '# a 1\n', 'a\n'])
      assert.equal(readAll(reader, body).hasSamples, false, body)
  })

  it('passes over a metric whose name is not wanted, without remembering its series', () => {
    const { reader, asked } = countingReader((name) => name !== 'a' && name !== 'a.b')
    const body = 'a{x="1"} 1\na{x="2"} malformed\na 3\naa 4\na 5\n{"a.b"} 6\n{"a.b"} 7\nab 8\na'
    for (const scrape of [1, 2]) {
      const { samples, outcome } = readAll(reader, body)
      assert.deepEqual(samples, [
        ['["aa"]', 4, undefined],
        ['["ab"]', 8, undefined],
      ])
      assert.deepEqual(
        outcome.badLines.first.map(({ at }) => at),
        [body.lastIndexOf('a')],
        `scrape ${scrape}`,
      )
    }
    assert.deepEqual(asked, ['["aa"]', '["ab"]'])
    assert.equal(reader.knownSeries, 2)
  })

  it('looks at next to nothing of a long metric that is not wanted', () => {
    const { reader } = countingReader((name) => name.startsWith('a'))
    const lines = Array.from({ length: 2000 }, (_, index) => `b{x="${index}"} ${index}`)
    // Were the lines looked at, this one would be read: that lines of a metric stand together is taken for granted.
    lines[1300] = 'a{x="stray"} 1'
    const body = `a 1\n${lines.join('\n')}\naa 2\n`
    for (const pieceBytes of [Number.POSITIVE_INFINITY, 1000]) {
      const { samples, outcome } = readAll(reader, body, { pieceBytes })
      assert.equal(outcome.badLines.count, 0)
      assert.deepEqual(samples.at(0), ['["a"]', 1, undefined])
      assert.deepEqual(samples.at(-1), ['["aa"]', 2, undefined])
    }
    assert.equal(readAll(reader, body).samples.length, 2)
  })

  it('looks at every line of a metric beside which a wanted one of the same family stands', () => {
    const { reader } = countingReader((name) => name === 'a_total')
    const lines = Array.from({ length: 500 }, (_, x) => `a_total{x="${x}"} ${x}\na_created{x="${x}"} 1.5e9\n`)
    const body = `a_created{x="0"} 1.5e9\n${lines.join('')}`
    for (const scrape of [1, 2]) assert.equal(readAll(reader, body).samples.length, 500, `scrape ${scrape}`)
  })

  it('does not take a series for another whose name or labels only begin alike', () => {
    const { reader } = countingReader()
    readAll(reader, 'a 1\n')
    for (const body of [
      'a{x="1"} 2\n',
      'a {x="1"} 2\n',
      'a_total 2\n',
      'a:b 2\n',
      'a7 2\n',
      'a{} 2\n',
      'a{x="1",} 2\n',
    ]) {
      const { samples } = readAll(reader, body)
      assert.deepEqual(samples, parsed(body, 'prometheus-text', isWanted).samples)
      readAll(reader, 'a 1\n')
    }
  })

  it('tells series apart whose bytes have the same hash', () => {
    const byHash = new Map<number, string>()
    let twins: readonly string[] = []
    for (let number = 0; twins.length === 0; number++) {
      const labels = `{x="${number}"}`
      const { hash } = hashed(new DataView(new TextEncoder().encode(labels).buffer), 0, labels.length)
      const twin = byHash.get(hash)
      if (twin !== undefined) twins = [twin, labels]
      byHash.set(hash, labels)
    }
    const { reader } = countingReader()
    const [one = '', other = ''] = twins
    for (const body of [`m${one} 1\nm${other} 2\n`, `m${other} 3\nm${one} 4\n`, `m${other} 5\n`]) {
      assert.deepEqual(readAll(reader, body).samples, parsed(body, 'prometheus-text', isWanted).samples)
    }
    assert.equal(reader.knownSeries, 2)
  })

  it('reports a known series with a malformed value, by its place, and reads on', () => {
    const { reader } = countingReader()
    readAll(reader, 'a 1\naa 2\n')
    const { samples, outcome } = readAll(reader, 'a one\naa 2\n')
    assert.deepEqual(samples, [['["aa"]', 2, undefined]])
    assert.deepEqual(outcome.badLines, {
      count: 1,
      first: [{ at: 0, reason: "expected a number, found 'o'", excerpt: 'a one' }],
    })
  })

  it('takes nothing from one format for the other, where the same bytes may mean something else', () => {
    const { reader } = countingReader()
    assert.equal(readAll(reader, 'a{b="c", d="e"} 1\n').samples.length, 1)
    const { samples, outcome } = readAll(reader, 'a{b="c", d="e"} 1\n# EOF\n', {
      format: 'openmetrics',
    })
    assert.deepEqual(samples, [])
    assert.equal(outcome.badLines.count, 1)
  })

  it('forgets a series that stays away, and asks again when it is back', () => {
    const { reader, asked } = countingReader()
    readAll(reader, 'a 1\nc 1\n')
    for (let scrape = 0; scrape < 16; scrape++) readAll(reader, 'a 1\n')
    assert.equal(reader.knownSeries, 1)
    assert.deepEqual(readAll(reader, 'c 1\na 1\n').samples, [
      ['["c"]', 1, undefined],
      ['["a"]', 1, undefined],
    ])
    assert.deepEqual(asked, ['["a"]', '["c"]', '["c"]'])
  })

  it('remembers a series through a few scrapes without it', () => {
    const { reader, asked } = countingReader()
    for (let scrape = 0; scrape < 40; scrape++) readAll(reader, scrape % 7 === 0 ? 'a 1\nc 1\n' : 'a 1\n')
    assert.deepEqual(asked, ['["a"]', '["c"]'])
  })

  it('never remembers more than three times what a body holds, and a thousand', () => {
    const { reader } = countingReader()
    const bodyOf = (scrape: number) =>
      Array.from({ length: 1000 }, (_, index) => `m{x="${scrape}-${index}"} 1\n`).join('')
    for (let scrape = 0; scrape < 20; scrape++) {
      readAll(reader, bodyOf(scrape))
      assert.ok(reader.knownSeries <= 4000, `${reader.knownSeries} after ${scrape}`)
    }
    assert.deepEqual(
      readAll(reader, bodyOf(19)).samples,
      parsed(bodyOf(19), 'prometheus-text', isWanted).samples,
    )
  })
})

describe('a series reader, whatever it has read before,', () => {
  const heads = [
    'a',
    'ab',
    'b',
    'a{}',
    'a{x="1"}',
    'a{x="2"}',
    'a{x="1",}',
    'a{x="1",y="2"}',
    'a{y="2",x="1"}',
    'ab{x="1"}',
  ]
  heads.push(
    'a{x="idle"}',
    'b{x="1"}',
    'a {x="1"}',
    'a{ x="1"}',
    '{"a"}',
    '{"a",x="1"}',
    '{x="1","a"}',
    '{"a b",x="1"}',
  )
  heads.push(
    'a{x="}"}',
    'a{x="} 1"}',
    'a{x="\\""}',
    'a{x="é"}',
    'a{x="\\\\"}',
    'a{"x"="1"}',
    `a{x="${'long'.repeat(20)}"}`,
  )
  const rests = [
    ' 1',
    ' 2.5',
    ' 1e3 ',
    '\t7',
    ' 3 1000',
    ' 3 1.5',
    ' NaN',
    ' -Inf',
    ' x',
    '',
    ' 1 # {t="1"} 5',
    ' 1 2 # {t="1"} 5 6',
    ' 1 y',
    '5',
  ]
  const others = [
    '',
    '# TYPE a counter',
    '# HELP a b',
    '# TYPE a what',
    '#',
    '# EOF',
    'a{x="1} 1',
    '}',
    '  ',
    'a{x="\xff"} 1',
    'a 1\r',
  ]
  const line = fc.oneof(
    {
      weight: 8,
      arbitrary: fc
        .tuple(fc.constantFrom(...heads), fc.constantFrom(...rests))
        .map((parts) => parts.join('')),
    },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
    { weight: 1, arbitrary: fc.constantFrom(...heads).map((head) => ` ${head} 1`) },
  )
  const bodies = fc.array(
    fc.record({
      lines: fc.array(line, { maxLength: 12 }),
      ending: fc.constantFrom('\n', '\n', '', '\n# EOF\n'),
      format: fc.constantFrom<ExpositionFormat>(
        'prometheus-text',
        'prometheus-text',
        'prometheus-text',
        'openmetrics',
      ),
      repeats: fc.integer({ min: 1, max: 3 }),
      pieceBytes: fc.constantFrom(1, 2, 7, 30, Number.POSITIVE_INFINITY),
    }),
    { maxLength: 6 },
  )

  const isOfB = (line: string) => /^b(?![\w:])/.test(line)

  it('reports exactly what reading every line in full reports', () => {
    fc.assert(
      fc.property(bodies, (scrapes) => {
        const reader = createSeriesReader(seriesKey)
        for (const { lines, ending, format, repeats, pieceBytes } of scrapes) {
          const body = lines.join('\n') + ending
          for (let repeat = 0; repeat < repeats; repeat++) {
            const { samples, outcome } = readAll(reader, body, { format, pieceBytes })
            assert.deepEqual(
              { samples, outcome },
              parsed(body, format, () => true),
            )
          }
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('reports exactly the wanted part of that', () => {
    fc.assert(
      fc.property(bodies, fc.boolean(), (scrapes, byName) => {
        const { reader } = countingReader(byName ? (name) => name !== 'b' : undefined)
        for (const { lines, ending, format, repeats, pieceBytes } of scrapes) {
          // The lines of a metric stand together, as the format demands.
          const grouped = byName ? lines.toSorted((a, b) => Number(isOfB(a)) - Number(isOfB(b))) : lines
          const body = grouped.join('\n') + ending
          for (let repeat = 0; repeat < repeats; repeat++) {
            const { samples, outcome } = readAll(reader, body, { format, pieceBytes })
            const expected = parsed(body, format, isWanted)
            assert.deepEqual(samples, expected.samples)
            assert.equal(outcome.ending, expected.outcome.ending)
            assert.ok(outcome.badLines.count <= expected.outcome.badLines.count)
          }
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('loses and confuses no series while others come and go and are forgotten', () => {
    const present = fc.array(fc.subarray([...heads, ...heads.map((head) => `z${head}`)]), {
      minLength: 30,
      maxLength: 40,
    })
    fc.assert(
      fc.property(present, (scrapes) => {
        const reader = createSeriesReader(seriesKey)
        for (const [scrape, present] of scrapes.entries()) {
          // Long calm times, in which most series are absent and forgotten, between scrapes with all kinds of them.
          const isCalm = scrape % 20 < 15
          const body = present
            .slice(0, isCalm ? 5 : undefined)
            .map((head) => `${head} ${scrape}\n`)
            .join('')
          const { samples, outcome } = readAll(reader, body)
          assert.deepEqual(
            { samples, outcome },
            parsed(body, 'prometheus-text', () => true),
          )
        }
      }),
      { numRuns: 100 },
    )
  })

  it('keeps the places of bad lines right', () => {
    const { reader } = countingReader((name) => name !== 'b')
    const body = 'a 1\nb 1\nb 1\na{x="idle"} 1\n# x\n\na{x="1"} 1\noops\n'
    for (const pieceBytes of [1, 5, 11, Number.POSITIVE_INFINITY]) {
      const { badLines } = readAll(reader, body, { pieceBytes }).outcome
      assert.deepEqual(badLines.first[0]?.at, body.indexOf('oops'), `in pieces of ${pieceBytes}`)
    }
  })

  it('forgets what a body that was given up has brought, and nothing else', () => {
    const { reader } = countingReader()
    readAll(reader, 'a 1\ne 1\n')
    for (let given = 0; given < 5; given++) {
      reader.begin('prometheus-text', () => {}).push(bytesOf(`e 1\nc${given} 1\nd${given} 1\n`))
    }
    assert.equal(reader.knownSeries, 4)
    assert.equal(readAll(reader, 'a 2\ne 2\n').samples.length, 2)
    assert.equal(reader.knownSeries, 2)
  })

  it('refuses a line that does not end', () => {
    const { reader } = countingReader()
    const endless = 'a{x="'.padEnd(100_000, 'x')
    const reading = reader.begin('prometheus-text', () => {})
    assert.throws(() => {
      for (let piece = 0; piece < 20; piece++) reading.push(bytesOf(endless))
    }, /longer than 1048576 bytes/)
    assert.equal(readAll(reader, 'a 1\n').samples.length, 1)
  })
})
