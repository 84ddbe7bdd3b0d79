import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type IntensityPiece, intensityLines, pieceAt, piecesWithin, runsOf } from './intensity-runs.ts'
import type { Method } from './method-words.ts'

function piece(
  from: number,
  to: number,
  gramsPerKwh: number | null,
  method: Method = 'measured',
): IntensityPiece {
  return { from, to, gramsPerKwh, method, source: 'grid', year: undefined }
}

describe('the pieces of a timeline', () => {
  it('are cut to the time that is shown, also where they have no beginning or end', () => {
    const written = {
      g_per_kwh: 400,
      intensity_source: 'ember',
      intensity_method: 'annual-average',
      intensity_year: 2024,
    }
    assert.deepEqual(
      piecesWithin(
        [
          { from: null, to: null, ...written },
          { from: '1970-01-01T00:00:20Z', to: null, ...written },
        ],
        { from: 5000, to: 20_000 },
      ),
      [{ from: 5000, to: 20_000, gramsPerKwh: 400, method: 'annual-average', source: 'ember', year: 2024 }],
    )
  })

  it('of one source and method are one run, with the bounds of its figures', () => {
    const runs = runsOf([
      piece(0, 1, 300),
      piece(1, 2, 320),
      piece(2, 3, 310, 'forecast'),
      piece(4, 5, 300, 'forecast'),
    ])
    assert.deepEqual(
      runs.map(({ from, to, low, high }) => [from, to, low, high]),
      [
        [0, 2, 300, 320],
        [2, 3, 310, 310],
        [4, 5, 300, 300],
      ],
    )
    assert.deepEqual(runsOf([piece(0, 1, null)])[0]?.low, null)
  })

  it('hold from their beginning until just before their end', () => {
    const pieces = [piece(0, 10, 1), piece(10, 20, 2)]
    assert.equal(pieceAt(pieces, 10)?.gramsPerKwh, 2)
    assert.equal(pieceAt(pieces, 20), undefined)
  })
})

describe('the lines of a chart of intensities', () => {
  it('have a line for each method, which reaches to the end of its last piece', () => {
    const { times, lines } = intensityLines(
      new Map([['DE', [piece(0, 10, 300), piece(10, 20, 320), piece(20, 30, 280, 'forecast')]]]),
    )
    assert.deepEqual(times, [0, 10, 20, 30])
    assert.deepEqual(lines, [
      { zone: 'DE', method: 'measured', values: [300, 320, 320, null] },
      { zone: 'DE', method: 'forecast', values: [null, null, 280, 280] },
    ])
  })

  it('share their times, and have a gap where a zone is not known', () => {
    const { times, lines } = intensityLines(
      new Map([
        ['DE', [piece(0, 30, 300)]],
        ['FR', [piece(10, 15, 20), piece(15, 20, null), piece(20, 30, 30)]],
      ]),
    )
    assert.deepEqual(times, [0, 10, 15, 20, 30])
    assert.deepEqual(lines[0]?.values, [300, 300, 300, 300, 300])
    assert.deepEqual(lines[1]?.values, [null, 20, 20, 30, 30])
  })
})
