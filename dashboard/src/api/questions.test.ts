import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { noFilters } from '../address/place.ts'
import { comparisonQuestion, emissionsQuestion, streamQuestion, timelineQuestion } from './questions.ts'

const now = Date.UTC(2026, 1, 11, 10, 30)
const subject = {
  range: { kind: 'last', seconds: 3600 },
  zones: ['DE', 'FR'],
  filters: { ...noFilters, namespace: ['shop'], workload: ['Deployment/shop-web'] },
} as const

describe('the address of a question', () => {
  it('is relative, so that it holds behind a proxy’s prefix as well', () => {
    for (const question of [
      emissionsQuestion(subject, {}, now),
      comparisonQuestion(subject, now),
      streamQuestion([]),
    ]) {
      assert.match(question, /^api\/v1\//)
    }
  })

  it('names a pod by its namespace too, since its name alone is not its own', () => {
    assert.equal(
      emissionsQuestion(subject, { groupBy: 'pod', stepSeconds: 30, limit: 7 }, now),
      'api/v1/emissions?from=now-1h&to=now&zone=DE&zone=FR&namespace=shop&workload=Deployment/shop-web&group_by=namespace,pod&step=30&limit=7',
    )
  })

  it('compares every zone with the first one that was chosen', () => {
    assert.equal(
      comparisonQuestion(subject, now),
      'api/v1/compare?from=now-1h&to=now&namespace=shop&workload=Deployment/shop-web&home=DE',
    )
  })

  it('asks for a timeline between two times', () => {
    assert.equal(
      timelineQuestion('DE', { from: now - 3_600_000, to: now }),
      'api/v1/intensity?zone=DE&start=2026-02-11T09:30:00.000Z&end=2026-02-11T10:30:00.000Z',
    )
    assert.equal(streamQuestion(['DE', 'FR']), 'api/v1/stream?zone=DE&zone=FR')
  })
})
