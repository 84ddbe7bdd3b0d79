import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { Value } from 'typebox/value'
import { gapUntil, measured, page } from '../../../test/contracts/measured.ts'
import { atSecond, serveApi } from '../../../test/served-api.ts'
import { createBooksHistory } from '../../energy/books-history.ts'
import type { LedgerPage, Measurement } from '../../energy/ledger-page.ts'
import { createEnergyAuditor } from '../../flows/audit-energy.ts'
import type { TargetStatus } from '../../flows/scrape-health.ts'
import { joules } from '../../units.ts'
import { createMemoryStore } from '../memory/memory-store.ts'
import type { ApiPorts } from './api-ports.ts'
import { Audit } from './audit-schema.ts'

const target: TargetStatus = {
  target: 'http://node-1:28282/metrics',
  state: 'ok',
  dialect: 'current',
  nodes: [{ node: 'node-1', basis: 'current/container/package' }],
  lastSuccessAt: atSecond(30),
  lastFailure: undefined,
  failuresInARow: 0,
  lastScrapeSeconds: 0.1,
  notes: [],
  unreadLines: { count: 0, first: [] },
}

const counted = (second: number, energy: number, counter: number, more: Partial<Measurement> = {}) =>
  measured(second, { energy: joules(energy), counter: joules(counter), ...more })

async function auditing(t: TestContext, pages: readonly LedgerPage[], ports: Partial<ApiPorts> = {}) {
  const store = createMemoryStore(1e9)
  await store.write({ pages, states: [] })
  const booksHistory = createBooksHistory(3600)
  const server = await serveApi({
    ports: {
      auditEnergy: createEnergyAuditor({
        stores: [{ ...store, whenAway: 'fail' }],
        booksHistory,
        lookBackSeconds: 35,
      }),
      targets: () => [target],
      ...ports,
    },
  })
  t.after(() => server.close())
  const ask = async (query = '') => {
    const answer = await server.inject(`/api/v1/audit${query}`)
    assert.equal(answer.statusCode, 200, answer.body)
    const body: unknown = answer.json()
    assert.ok(Value.Check(Audit, body), JSON.stringify([...Value.Errors(Audit, body)][0]))
    return body
  }
  const refusal = async (query: string) => {
    const answer = await server.inject(`/api/v1/audit${query}`)
    assert.equal(answer.statusCode, 400)
    return answer.json().error
  }
  return { booksHistory, ask, refusal }
}

describe('GET /api/v1/audit', () => {
  it('shows that the books balance', async (t) => {
    const gaps = [gapUntil(20, { cause: { kind: 'refused', claimedJoules: 500 } })]
    const { ask, booksHistory } = await auditing(
      t,
      [
        page([counted(10, 10, 100), counted(20, 20, 120, { flags: ['refused'] }), counted(30, 5, 625)], {
          gaps,
        }),
        page([counted(30, 4, 4, { containerId: 'c2', workload: undefined, flags: ['started'] })]),
      ],
      {
        countedSinceStart: () => ({
          startedAt: atSecond(-60),
          books: [
            {
              node: 'node-1',
              during: { from: atSecond(0), to: atSecond(30) },
              basis: 'current/container/package',
              containerJoules: 39,
              unnamedJoules: 4,
              containerIdleJoules: 0,
              nodeActiveJoules: 50,
              nodeIdleJoules: 70,
            },
          ],
          unreadLines: 1,
          setAside: 0,
          dropped: 0,
          waiting: 0,
        }),
      },
    )
    const empty = { basis: 'b', unnamedJoules: 0, containerIdleJoules: 0 }
    for (const second of [0, 30]) {
      booksHistory.note({
        node: 'node-1',
        during: { from: atSecond(0), to: atSecond(second) },
        ...empty,
        containerJoules: 1.3 * second,
        nodeActiveJoules: 2 * second,
        nodeIdleJoules: 3 * second,
      })
    }
    const sums = {
      samples: 4,
      energy_j: 39,
      attributed_j: 35,
      unnamed_j: 4,
      counter_advance_j: 539,
      residual_j: 500,
      unchecked_j: 10,
      node_active_j: 60,
      node_idle_j: 90,
      resets: 0,
      started: 1,
      terminated: 0,
      reappeared: 0,
      gaps: { refused: 1 },
      refused: { readings: 1, claimed_j: 500 },
      coverage: 30 / 60,
    }
    const books = {
      energy_j: 39,
      attributed_j: 35,
      unnamed_j: 4,
      idle_j: 0,
      node_active_j: 50,
      node_idle_j: 70,
    }
    assert.deepEqual(await ask('?from=2026-02-11T10:00:00Z'), {
      from: '2026-02-11T10:00:00.000000+00:00',
      to: '2026-02-11T10:01:00.000000+00:00',
      as_of: '2026-02-11T10:01:00.000000+00:00',
      defaults: ['to'],
      balanced: true,
      explanation: [
        'The counters advanced 539 J, and 4 samples of 1 nodes hold 39 J.',
        'The 500 J between them are not counted.',
        '10 J of it are taken at their word, since no earlier reading of their counters stands beside them.',
        '1 gaps are recorded, in which energy may have gone uncounted: 1 refused.',
      ],
      nodes: [
        {
          node: 'node-1',
          target: 'http://node-1:28282/metrics',
          basis: 'current/container/package',
          scraped_from: '2026-02-11T10:00:00.000000+00:00',
          scraped_to: '2026-02-11T10:00:30.000000+00:00',
          node_counted_from: '2026-02-11T10:00:00.000000+00:00',
          ...sums,
        },
      ],
      total: sums,
      gaps: [
        {
          node: 'node-1',
          container_id: 'c1',
          namespace: 'default',
          pod: 'busybox-worker',
          container: 'busybox',
          component: 'package',
          from: '2026-02-11T10:00:10.000000+00:00',
          to: '2026-02-11T10:00:20.000000+00:00',
          cause: 'refused',
          claimed_j: 500,
        },
      ],
      gap_count: 1,
      findings: [],
      finding_count: 0,
      unread_lines: 1,
      set_aside: 0,
      dropped: 0,
      waiting: 0,
      warnings: [],
      since_start: {
        started_at: '2026-02-11T09:59:00.000000+00:00',
        nodes: [
          {
            node: 'node-1',
            from: '2026-02-11T10:00:00.000000+00:00',
            to: '2026-02-11T10:00:30.000000+00:00',
            basis: 'current/container/package',
            ...books,
          },
        ],
        total: books,
      },
    })
  })

  it('says that they do not, and where, when a sample holds what its counter does not', async (t) => {
    const corrupted = [counted(10, 10, 100), counted(20, 45, 130), counted(40, 5, 140)]
    const { ask } = await auditing(t, [page(corrupted)])
    const { balanced, findings, finding_count, explanation } = await ask()
    assert.equal(balanced, false)
    assert.equal(finding_count, 2)
    const container = {
      node: 'node-1',
      container_id: 'c1',
      namespace: 'default',
      pod: 'busybox-worker',
      container: 'busybox',
    }
    assert.deepEqual(findings, [
      {
        ...container,
        from: '2026-02-11T10:00:20.000000+00:00',
        to: '2026-02-11T10:00:30.000000+00:00',
        kind: 'hole',
        counted_j: null,
        energy_j: null,
      },
      {
        ...container,
        from: '2026-02-11T10:00:10.000000+00:00',
        to: '2026-02-11T10:00:20.000000+00:00',
        kind: 'counter-differs',
        counted_j: 30,
        energy_j: 45,
      },
    ])
    assert.deepEqual(explanation.slice(1, 2), ['The 15 J between them were counted by no counter.'])
    assert.deepEqual(explanation.slice(-2), [
      'Node node-1, default/busybox-worker/busybox (c1), from 2026-02-11T10:00:20.000000+00:00 to 2026-02-11T10:00:30.000000+00:00: no sample covers this time, and no gap is recorded.',
      'Node node-1, default/busybox-worker/busybox (c1), from 2026-02-11T10:00:10.000000+00:00 to 2026-02-11T10:00:20.000000+00:00: its counter advanced 30 J, and its sample holds 45 J.',
    ])
  })

  it('tells what the ledger counted and no sample holds, time that counts twice, and what else there is', async (t) => {
    const twice = counted(30, 15, 135, {
      during: { from: atSecond(15), to: atSecond(30) },
      workload: undefined,
    })
    const { ask } = await auditing(t, [], {
      auditEnergy: async () => ({
        kind: 'audited',
        nodes: [],
        gaps: [],
        findings: [
          {
            node: 'node-1',
            containerId: 'c1',
            workload: undefined,
            during: twice.during,
            what: { kind: 'overlap' },
          },
        ],
        findingCount: 40,
        ledgerFindings: [{ node: 'node-1', during: twice.during, booked: joules(100), sampled: joules(90) }],
        warnings: ['What was stored is missing from this audit: the disk is full'],
      }),
      countedSinceStart: () => ({
        startedAt: atSecond(0),
        books: [],
        unreadLines: 0,
        setAside: 2,
        dropped: 3,
        waiting: 4,
      }),
    })
    const { explanation, findings, total, finding_count } = await ask()
    assert.deepEqual(
      findings.map(({ kind, counted_j, energy_j }) => [kind, counted_j, energy_j]),
      [
        ['ledger-differs', 100, 90],
        ['overlap', null, null],
      ],
    )
    assert.deepEqual([finding_count, total.coverage, total.node_active_j], [41, 0, null])
    assert.deepEqual(explanation, [
      'The counters advanced 0 J, and 0 samples of 0 nodes hold 0 J.',
      '3 measurements were dropped since the start; gaps stand for them.',
      '2 measurements were set aside since the start, since no store can hold them; no sample stands for them.',
      '4 measurements wait for the store; those from before a restart are not seen here yet.',
      'What is not in memory could not be looked at: the store is away.',
      'Node node-1, from 2026-02-11T10:00:15.000000+00:00 to 2026-02-11T10:00:30.000000+00:00: this process counted 100 J, and the samples hold 90 J.',
      'Node node-1, a container without names (c1), from 2026-02-11T10:00:15.000000+00:00 to 2026-02-11T10:00:30.000000+00:00: two samples share this time, whose energy counts twice.',
      '39 more do not balance.',
    ])
  })

  it('is of the last hour, unless another window is asked for', async (t) => {
    const { ask } = await auditing(t, [page([counted(10, 10, 100)])])
    const { from, to, defaults } = await ask()
    assert.deepEqual(
      [from, to, defaults],
      ['2026-02-11T09:01:00.000000+00:00', '2026-02-11T10:01:00.000000+00:00', ['from', 'to']],
    )
    const relative = await ask('?from=now-2h&to=now-30m')
    assert.deepEqual(
      [relative.from, relative.to, relative.defaults],
      ['2026-02-11T08:01:00.000000+00:00', '2026-02-11T09:31:00.000000+00:00', []],
    )
  })

  it('is refused for windows that are none, or too long, or too full', async (t) => {
    const { refusal } = await auditing(t, [], {
      auditEnergy: async () => ({ kind: 'too-much', what: 'samples', most: 5_000_000 }),
    })
    assert.match(await refusal('?from=yesterday'), /^from is "yesterday"; it must be an ISO 8601 time/)
    assert.equal(
      await refusal('?from=now&to=now-1h'),
      'from is "now" and to is "now-1h"; from must be before to',
    )
    assert.equal(
      await refusal('?from=now-32d'),
      'from and to are more than 31 days apart; ask for a shorter time',
    )
    assert.equal(
      await refusal(''),
      'the window holds more than the 5000000 samples that are audited at once; ask for a shorter one',
    )
  })
})
