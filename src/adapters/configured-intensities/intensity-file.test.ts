import assert from 'node:assert/strict'
import { mkdtempDisposable, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { createFactBook } from '../../intensity/fact-book.ts'
import { createZoneDirectory } from '../../intensity/zone.ts'
import { instant } from '../../units.ts'
import { createIntensityFileSource, parseIntensityFile, readIntensityFile } from './intensity-file.ts'

const zones = createZoneDirectory([
  { code: 'AT', name: 'Austria' },
  { code: 'DE', name: 'Germany' },
  { code: 'FR', name: 'France' },
  { code: 'GB', name: 'United Kingdom' },
])
const context = { zones, learnedAt: instant(5), path: 'grid.csv' }
const acceptedTime =
  'an ISO 8601 time such as 2024-03-22T13:00Z or 2024-03-22T14:00+01:00 (UTC without an offset)'

const facts = (...lines: string[]) => {
  const parsed = parseIntensityFile(lines.join('\n'), context)
  assert.ok(parsed.kind === 'ok', JSON.stringify(parsed))
  return parsed.facts
}

const problems = (...lines: string[]) => {
  const parsed = parseIntensityFile(lines.join('\n'), context)
  assert.ok(parsed.kind === 'problems')
  return parsed.problems
}

describe('an intensity file', () => {
  it('gives the intensity of a zone from one time until just before another', () => {
    assert.deepEqual(facts('zone,from,to,g_per_kwh', 'DE,2024-03-22T00:00Z,2024-03-22T00:15Z,322'), [
      {
        zone: 'DE',
        valid: { from: Date.UTC(2024, 2, 22, 0, 0), to: Date.UTC(2024, 2, 22, 0, 15) },
        intensity: 322,
        source: 'INTENSITY_FILE',
        method: { kind: 'configured' },
        signal: 'average',
        basis: 'unstated',
        rank: 10,
        learnedAt: 5,
      },
    ])
  })

  it('may have its columns in any order, under any of their names, and others beside them', () => {
    for (const column of ['g_per_kwh', 'g/kWh', 'gCO2e/kWh', 'GCO2E/KWH']) {
      const [only] = facts(`note,To,${column},zone,From`, '"a, b",2024-03-23,20.5,uk,2024-03-22')
      assert.deepEqual([only?.zone, only?.intensity], ['GB', 20.5])
    }
  })

  it('may begin with a byte order mark, end lines as Windows does and hold blanks and empty lines', () => {
    const [only] = facts(
      '\uFEFFzone, from, to, g_per_kwh\r',
      '\r',
      ' DE , 2024-03-22 , 2024-03-23 , 322 \r',
      '\r',
    )
    assert.deepEqual([only?.zone, only?.intensity], ['DE', 322])
  })

  it('may have rows that touch and rows in any order', () => {
    const found = facts('zone,from,to,g/kWh', 'DE,2024-03-22,2024-03-23,2', 'DE,2024-03-21,2024-03-22,1')
    assert.deepEqual(
      found.map(({ intensity }) => intensity),
      [2, 1],
    )
  })

  it('is refused with every field named that cannot be read', () => {
    assert.deepEqual(
      problems('zone,from,to,g_per_kwh', 'DE,2024-03-22,2024-03-23,1', 'XX,soon,2024-02-30,1O0'),
      [
        "INTENSITY_FILE: grid.csv line 3: zone is 'XX'; accepted is an ISO 3166-1 alpha-2 country code such as DE",
        `INTENSITY_FILE: grid.csv line 3: from is 'soon'; accepted is ${acceptedTime}`,
        `INTENSITY_FILE: grid.csv line 3: to is '2024-02-30'; accepted is ${acceptedTime}`,
        "INTENSITY_FILE: grid.csv line 3: g_per_kwh is '1O0', which is not a number; accepted is a number of g/kWh from 0 to 2000 with a decimal point, such as 148 or 41.2",
      ],
    )
  })

  it('is refused when a figure is missing, and does not take it for 0', () => {
    assert.match(
      problems('zone,from,to,g_per_kwh', 'DE,2024-03-22,2024-03-23,')[0] ?? '',
      /g_per_kwh is '', which/,
    )
  })

  it('is refused when a row ends no later than it begins', () => {
    for (const to of ['2024-03-22', '2024-03-21']) {
      assert.deepEqual(problems('zone,from,to,g_per_kwh', `DE,2024-03-22,${to},1`), [
        `INTENSITY_FILE: grid.csv line 2: to is '${to}'; accepted is a time after from, '2024-03-22'`,
      ])
    }
  })

  it('is refused when two rows of one zone overlap, also under an alias and far apart', () => {
    const found = problems(
      'zone,from,to,g_per_kwh',
      'UK,2024-03-22,2024-03-25,1',
      'FR,2024-03-22,2024-03-25,1',
      'GB,2024-03-22T01:00Z,2024-03-22T02:00Z,2',
      'GB,2024-03-24,2024-03-26,3',
    )
    const accepted = 'accepted are rows of a zone that do not overlap'
    assert.deepEqual(found, [
      `INTENSITY_FILE: grid.csv line 4: overlaps line 2 in zone GB; ${accepted}`,
      `INTENSITY_FILE: grid.csv line 5: overlaps line 2 in zone GB; ${accepted}`,
    ])
  })

  it('is refused when a row has more or fewer fields than the header, as a decimal comma makes it', () => {
    assert.deepEqual(problems('zone,from,to,g_per_kwh', 'DE,2024-03-22,2024-03-23,41,2', 'DE'), [
      "INTENSITY_FILE: grid.csv line 2: row 'DE,2024-03-22,2024-03-23,41,2' has 5 fields; accepted are 4, as in the header",
      "INTENSITY_FILE: grid.csv line 3: row 'DE' has 1 fields; accepted are 4, as in the header",
    ])
  })

  it('is refused when a column is missing or there twice', () => {
    const accepted = 'accepted is zone,from,to,g_per_kwh (or g/kWh or gCO2e/kWh), each once and in any order'
    for (const header of ['zone,from,to', 'zone,from,to,g/kWh,g_per_kwh', 'zone;from;to;g_per_kwh']) {
      assert.deepEqual(problems(header, 'DE,2024-03-22,2024-03-23,1'), [
        `INTENSITY_FILE: grid.csv line 1: header is '${header}'; ${accepted}`,
      ])
    }
  })

  it('is refused when it is empty or has a header only', () => {
    assert.match(
      problems('')[0] ?? '',
      /grid\.csv line 1: is missing; accepted is a header row of zone,from,to/,
    )
    assert.deepEqual(problems('zone,from,to,g_per_kwh', ''), [
      'INTENSITY_FILE: grid.csv line 1: is the last line; accepted is a file with at least one row',
    ])
  })

  it('is refused when it is no CSV', () => {
    const [only] = problems(
      'zone,from,to,g_per_kwh',
      'DE,2024-03-22,2024-03-23,1',
      'D"E,2024-03-23,2024-03-24,1',
    )
    assert.match(only ?? '', /^INTENSITY_FILE: grid\.csv line 3: is no CSV: /)
  })

  it('is refused with its first 20 problems by line, and how many more there are', () => {
    const found = problems(
      'zone,from,to,g_per_kwh',
      ...Array.from({ length: 23 }, () => 'DE,2024-03-22,2024-03-23,x'),
    )
    assert.equal(found.length, 21)
    assert.match(found[0] ?? '', /line 2: g_per_kwh/)
    assert.match(found[19] ?? '', /line 21: g_per_kwh/)
    assert.equal(found[20], 'INTENSITY_FILE: grid.csv: and 3 more')
  })

  it('is read back as it was written', () => {
    const steps = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 0, max: 20_000 })),
      {
        minLength: 1,
      },
    )
    fc.assert(
      fc.property(steps, (rows) => {
        let from = Date.UTC(2024, 0, 1)
        const written = rows.map(([minutes, tenths]) => {
          const to = from + minutes * 60_000
          const row = { from, to, grams: tenths / 10 }
          from = to
          return row
        })
        const read = facts(
          'zone,from,to,g_per_kwh',
          ...written.map((row) =>
            ['DE', new Date(row.from).toISOString(), new Date(row.to).toISOString(), row.grams].join(),
          ),
        )
        assert.deepEqual(
          read.map(({ valid: { from, to }, intensity }) => ({ from, to, grams: intensity })),
          written,
        )
      }),
    )
  })

  it('is a source like any other', async () => {
    const source = createIntensityFileSource(facts('zone,from,to,g_per_kwh', 'DE,2024-03-22,2024-03-23,1'))
    assert.equal(source.id, 'INTENSITY_FILE')
    assert.equal((await source.latest('DE', new AbortController().signal)).length, 1)
  })
})

describe('reading an intensity file', () => {
  it('takes the measured day that ships', async () => {
    const path = fileURLToPath(new URL('../../../data/intensity-days/2024-03-22.csv', import.meta.url))
    const read = await readIntensityFile(path, context)
    assert.ok(read.kind === 'ok')
    assert.equal(read.facts.length, 155)
    const book = createFactBook()
    book.add(read.facts)
    const at = (zone: string, time: string) =>
      book.latest(zone, instant(Date.parse(`2024-03-22T${time}Z`)))?.intensity
    assert.equal(at('DE', '00:00'), 322)
    assert.equal(at('FR', '17:59'), 44.1)
    assert.equal(at('AT', '00:20'), 53.9)
    assert.equal(at('DE', '16:15'), undefined)
  })

  it('is a problem when there is no such file', async () => {
    assert.deepEqual(await readIntensityFile('/nowhere/grid.csv', context), {
      kind: 'problems',
      problems: [
        'INTENSITY_FILE: /nowhere/grid.csv cannot be read (ENOENT); accepted is the path of a readable CSV file',
      ],
    })
  })

  it('is a problem when the file is larger than 64 MiB', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'intensity-file-'))
    const path = join(folder.path, 'large.csv')
    await writeFile(path, '')
    await truncate(path, 64 * 1024 * 1024 + 1)
    const read = await readIntensityFile(path, context)
    assert.ok(read.kind === 'problems')
    assert.match(read.problems[0] ?? '', /has 67108865 bytes; accepted is a file of at most 67108864 bytes/)
  })
})
