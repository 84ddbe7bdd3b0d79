import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { atSecond, serveApi } from '../../../test/served-api.ts'

describe('GET /api/v1/targets', () => {
  it('tells how the reading of each exporter goes', async (t) => {
    const server = await serveApi({
      ports: {
        targets: () => [
          {
            target: 'http://node-a:28282/metrics',
            state: 'failing',
            dialect: 'current',
            nodes: [{ node: 'node-a', basis: 'current/container/package' }],
            lastSuccessAt: atSecond(10),
            lastFailure: { at: atSecond(20), failure: 'timed-out', message: 'it did not answer in time' },
            failuresInARow: 1,
            lastScrapeSeconds: 0.25,
            notes: ['it counts pods only'],
            unreadLines: { count: 2, first: [{ at: 70, reason: 'no value', excerpt: 'kepler_x' }] },
          },
          {
            target: 'http://node-b:28282/metrics',
            state: 'never',
            dialect: undefined,
            nodes: [],
            lastSuccessAt: undefined,
            lastFailure: undefined,
            failuresInARow: 0,
            lastScrapeSeconds: undefined,
            notes: [],
            unreadLines: { count: 0, first: [] },
          },
        ],
      },
    })
    t.after(() => server.close())
    const answer = await server.inject('/api/v1/targets')
    assert.equal(answer.statusCode, 200)
    assert.deepEqual(answer.json(), {
      targets: [
        {
          target: 'http://node-a:28282/metrics',
          state: 'failing',
          dialect: 'current',
          nodes: [{ node: 'node-a', basis: 'current/container/package' }],
          last_success: '2026-02-11T10:00:10.000000+00:00',
          last_error: 'it did not answer in time',
          last_error_at: '2026-02-11T10:00:20.000000+00:00',
          failures_in_a_row: 1,
          last_scrape_s: 0.25,
          notes: ['it counts pods only'],
          unread_lines: { count: 2, first: [{ at: 70, reason: 'no value', excerpt: 'kepler_x' }] },
        },
        {
          target: 'http://node-b:28282/metrics',
          state: 'never',
          dialect: null,
          nodes: [],
          last_success: null,
          last_error: null,
          last_error_at: null,
          failures_in_a_row: 0,
          last_scrape_s: null,
          notes: [],
          unread_lines: { count: 0, first: [] },
        },
      ],
      scrape_interval_s: 10,
    })
  })
})
