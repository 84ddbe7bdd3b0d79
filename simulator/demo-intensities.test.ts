import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, it } from 'node:test'
import { repeatDayAround } from './demo-intensities.ts'

const now = Date.parse('2026-11-24T20:30:00Z')

describe('a recorded day of intensities, repeated around now', () => {
  it('covers yesterday, today and tomorrow with the values of the recorded hours', () => {
    const recorded = [
      'zone,from,to,g_per_kwh',
      'DE,2024-03-22T00:00Z,2024-03-22T12:00Z,300',
      'DE,2024-03-22T12:00Z,2024-03-23T00:00Z,200',
    ].join('\n')
    assert.equal(
      repeatDayAround(now, recorded),
      [
        'zone,from,to,g_per_kwh',
        'DE,2026-11-23T00:00:00.000Z,2026-11-23T12:00:00.000Z,300',
        'DE,2026-11-23T12:00:00.000Z,2026-11-24T00:00:00.000Z,200',
        'DE,2026-11-24T00:00:00.000Z,2026-11-24T12:00:00.000Z,300',
        'DE,2026-11-24T12:00:00.000Z,2026-11-25T00:00:00.000Z,200',
        'DE,2026-11-25T00:00:00.000Z,2026-11-25T12:00:00.000Z,300',
        'DE,2026-11-25T12:00:00.000Z,2026-11-26T00:00:00.000Z,200',
        '',
      ].join('\n'),
    )
  })

  it('fills the evening that was not recorded with the first hours of the day', () => {
    const recorded = 'zone,from,to,g_per_kwh\nFR,2024-03-22T00:00Z,2024-03-22T18:00Z,44\n'
    assert.deepEqual(repeatDayAround(now, recorded).split('\n').slice(1, 4), [
      'FR,2026-11-23T00:00:00.000Z,2026-11-23T18:00:00.000Z,44',
      'FR,2026-11-23T18:00:00.000Z,2026-11-24T00:00:00.000Z,44',
      'FR,2026-11-24T00:00:00.000Z,2026-11-24T18:00:00.000Z,44',
    ])
  })

  it('has no gap and no overlap in the shipped data', async () => {
    const shipped = path.join(import.meta.dirname, '../data/intensity-days/2024-03-22.csv')
    const lines = repeatDayAround(now, await readFile(shipped, 'utf8'))
      .trim()
      .split('\n')
      .slice(1)
    const byZone = Map.groupBy(lines, (line) => line.slice(0, 2))
    assert.deepEqual([...byZone.keys()].sort(), ['AT', 'DE', 'FR'])
    for (const rows of byZone.values()) {
      const spans = rows.map((line) => line.split(',').slice(1, 3))
      assert.equal(spans[0]?.[0], '2026-11-23T00:00:00.000Z')
      assert.equal(spans.at(-1)?.[1], '2026-11-26T00:00:00.000Z')
      for (const [index, [from]] of spans.slice(1).entries()) assert.equal(from, spans[index]?.[1])
    }
  })

  it('says which line it cannot read', () => {
    assert.throws(() => repeatDayAround(now, 'zone,from,to,g_per_kwh\nDE,x,y,1'), /not a row .*: DE,x,y,1/)
  })
})
