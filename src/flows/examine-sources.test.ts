import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { measuredFact } from '../../test/measured-fact.ts'
import { type IntensitySource, SourceError, type SourceFailure } from '../intensity/source.ts'
import { instant } from '../units.ts'
import { examineSources, examineZones } from './examine-sources.ts'

const never = new AbortController().signal
const now = () => instant(Date.parse('2026-11-24T12:00:00Z'))

function sourceOf(zones: readonly string[], latest: IntensitySource['latest']): IntensitySource {
  const about = {
    name: 'A',
    url: '',
    licence: '',
    attribution: '',
    signal: 'average',
    basis: 'lifecycle',
    everySeconds: 900,
    secondsBetweenRequests: 0,
  } as const
  return { id: 'a', about, zones: () => zones, latest, history: async () => [] }
}

const failing = (failure: SourceFailure) =>
  sourceOf(['DE'], async () => {
    throw new SourceError(failure, 'a.example did not do it')
  })

async function examined(source: IntensitySource, zones: readonly string[] = ['FR', 'DE']) {
  const [finding] = await examineSources([source], { zones, now }, never)
  assert.ok(finding)
  return finding
}

describe('a source of intensities that is examined', () => {
  it('is asked about a zone that matters, else about one that it knows', async () => {
    const asked: string[] = []
    const source = sourceOf(['BE', 'DE'], async (zone) => {
      asked.push(zone)
      return []
    })
    await examined(source)
    await examined(source, [])
    assert.deepEqual(asked, ['DE', 'BE'])
  })

  it('is well when it has a figure', async () => {
    const hour = { from: now() - 7_200_000, to: now() - 3_600_000 }
    const source = sourceOf(['DE'], async () => [measuredFact(300, hour.from, hour.to)])
    const { verdict, finding } = await examined(source)
    assert.equal(verdict, 'ok')
    assert.match(finding, /^DE 300 g\/kWh until 60 min ago$/)
  })

  it('is warned of when it has none', async () => {
    assert.equal((await examined(sourceOf(['DE'], async () => []))).finding, 'it has nothing about DE now')
    assert.equal((await examined(sourceOf([], async () => []))).finding, 'it can tell about no zone')
  })

  it('fails when it refuses the key, and is warned of when it fails otherwise', async () => {
    const refused = await examined(failing({ kind: 'refused' }))
    assert.deepEqual([refused.verdict, refused.finding], ['fail', 'a.example did not do it'])
    assert.match(refused.advice ?? '', /key is missing, wrong/)
    for (const [failure, advice] of [
      [{ kind: 'unreachable' }, /INTENSITY_SOURCES=none/],
      [{ kind: 'timed-out' }, /later/],
      [{ kind: 'server-error' }, /later/],
      [{ kind: 'rate-limited', retryAfterSeconds: 5 }, /too often/],
      [{ kind: 'unknown-zone' }, /may have changed/],
      [{ kind: 'unexpected-answer' }, /may have changed/],
    ] as const) {
      const found = await examined(failing(failure))
      assert.equal(found.verdict, 'warn', failure.kind)
      assert.match(found.advice ?? '', advice)
    }
  })
})

describe('zones that are examined', () => {
  it('are warned of when no live source tells about them', () => {
    const source = sourceOf(['DE'], async () => [])
    assert.deepEqual(
      examineZones(['DE', 'JP'], [source]).map(({ subject, verdict }) => [subject, verdict]),
      [['intensities of JP', 'warn']],
    )
  })
})
