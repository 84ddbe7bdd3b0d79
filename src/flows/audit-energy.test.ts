import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { at, batch, batchOf, gapUntil, measured, never, nginx, page } from '../../test/contracts/measured.ts'
import { anyStep, play } from '../../test/energy-story.ts'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import { type BooksHistory, createBooksHistory } from '../energy/books-history.ts'
import type { LedgerBatch } from '../energy/ledger-page.ts'
import { StoreError } from '../energy/measurement-store.ts'
import type { NodeBooks } from '../energy/node-ledger.ts'
import { type Interval, instant, joules } from '../units.ts'
import { type AuditedEnergy, type AuditedStore, createEnergyAuditor } from './audit-energy.ts'

const hour = { from: at(0), to: at(3600) }

async function storeWith(...batches: readonly LedgerBatch[]): Promise<AuditedStore> {
  const store = createMemoryStore(1e9)
  for (const each of batches) await store.write(each)
  return { ...store, whenAway: 'fail' }
}

const away: AuditedStore = {
  whenAway: 'warn',
  async *trailWithin() {
    yield* []
    throw new StoreError('the disk is full')
  },
  async gapsWithin() {
    throw new StoreError('the disk is full')
  },
}

async function audited(
  stores: readonly AuditedStore[],
  {
    window = hour,
    booksHistory = createBooksHistory(1e9),
  }: { window?: Interval; booksHistory?: BooksHistory } = {},
): Promise<AuditedEnergy> {
  const audit = createEnergyAuditor({ stores, booksHistory, lookBackSeconds: 35 })
  const result = await audit(window, never)
  assert.ok(result.kind === 'audited')
  return result
}

/** A measurement whose counter ends at `counter`. */
const counted = (second: number, energy: number, counter: number, more = {}) =>
  measured(second, { energy: joules(energy), counter: joules(counter), ...more })

function booksAt(second: number, containerJoules: number): NodeBooks {
  const none = {
    unnamedJoules: 0,
    containerIdleJoules: 0,
    nodeActiveJoules: 2 * second,
    nodeIdleJoules: second,
  }
  return { node: 'node-1', during: { from: at(0), to: at(second) }, basis: 'b', containerJoules, ...none }
}

function historyOf(...books: readonly NodeBooks[]): BooksHistory {
  const history = createBooksHistory(1e9)
  for (const each of books) history.note(each)
  return history
}

describe('an audit of energy', () => {
  it('adds up the samples of a window by node, and finds nothing where they are whole', async () => {
    const store = await storeWith(
      batchOf(
        counted(10, 10, 100),
        counted(20, 20, 120),
        counted(1810, 1, 121, { during: { from: at(20), to: at(1810) } }),
      ),
      batch([page([counted(10, 5, 5, { flags: ['started'], workload: nginx })], { node: 'node-2' })]),
    )
    const { nodes, findings, ledgerFindings, warnings } = await audited([store])
    assert.deepEqual([findings, ledgerFindings, warnings], [[], [], []])
    assert.deepEqual(
      nodes.map(({ node, samples, energy, counterAdvance, unchecked, coverage }) => [
        node,
        samples,
        energy,
        counterAdvance,
        unchecked,
        coverage,
      ]),
      [
        ['node-1', 3, 31, 31, 10, 1810 / 3600],
        ['node-2', 1, 5, 5, 0, 10 / 3600],
      ],
    )
  })

  it('looks back for the samples from which those of the window go on', async () => {
    const store = await storeWith(batchOf(counted(10, 10, 100), counted(20, 25, 120)))
    const { nodes, findings } = await audited([store], { window: { from: at(10), to: at(60) } })
    assert.deepEqual([nodes[0]?.samples, nodes[0]?.unchecked], [1, 0])
    assert.equal(findings[0]?.what.kind, 'counter-differs')
  })

  it('counts gaps by cause, those of two stores once, whatever their containers are called there', async () => {
    const gaps = [
      gapUntil(10),
      gapUntil(20, { cause: { kind: 'refused', claimedJoules: 500 } }),
      gapUntil(30, { cause: { kind: 'refused', claimedJoules: 7 } }),
      gapUntil(0),
    ]
    const renamed = gaps.map((gap) => ({ ...gap, workload: nginx }))
    const stores = [
      await storeWith(batch([page([], { gaps })])),
      await storeWith(batch([page([], { gaps: renamed })])),
    ]
    const { nodes, gaps: found } = await audited(stores)
    assert.deepEqual(
      [...(nodes[0]?.gaps ?? [])],
      [
        ['reset', 1],
        ['refused', 2],
      ],
    )
    assert.deepEqual(nodes[0]?.refused, { readings: 2, claimed: 507 })
    assert.equal(found.length, 3)
  })

  it('finds gaps from before the window that explain what happens in it', async () => {
    const long = counted(100, 5, 605, { during: { from: at(20), to: at(100) } })
    const refused = gapUntil(20, { cause: { kind: 'refused', claimedJoules: 500 } })
    const store = await storeWith(
      batchOf(counted(10, 1, 100)),
      batch([page([counted(20, 0, 100, { flags: ['refused'] })], { gaps: [refused] }), page([long])]),
    )
    const { findings, nodes, gaps } = await audited([store], { window: { from: at(55), to: at(200) } })
    assert.deepEqual([findings, gaps, nodes[0]?.energy], [[], [], 5])
  })

  it('holds the samples against what the ledger counted in the same time', async () => {
    const store = await storeWith(batchOf(counted(10, 10, 100), counted(20, 20, 120), counted(30, 5, 125)))
    const right = historyOf(booksAt(10, 10), booksAt(20, 30), booksAt(30, 35))
    const { ledgerFindings, nodes } = await audited([store], { booksHistory: right })
    assert.deepEqual(ledgerFindings, [])
    assert.deepEqual(nodes[0]?.booked, {
      during: { from: at(10), to: at(30) },
      containerJoules: 25,
      nodeActiveJoules: 40,
      nodeIdleJoules: 20,
    })
    const wrong = historyOf(booksAt(10, 10), booksAt(20, 30), booksAt(30, 36))
    assert.deepEqual((await audited([store], { booksHistory: wrong })).ledgerFindings, [
      { node: 'node-1', during: { from: at(10), to: at(30) }, booked: 26, sampled: 25 },
    ])
  })

  it('knows that dropped measurements stand in the ledger and not in the samples', async () => {
    const gaps = [gapUntil(20, { cause: { kind: 'dropped' } })]
    const store = await storeWith(batch([page([counted(10, 10, 100), counted(30, 5, 125)], { gaps })]))
    const books = historyOf(booksAt(10, 10), booksAt(20, 30), booksAt(30, 35))
    const { findings, ledgerFindings } = await audited([store], { booksHistory: books })
    assert.deepEqual([findings, ledgerFindings], [[], []])
  })

  it('tells of a node whose samples are all missing', async () => {
    const books = historyOf(booksAt(10, 10), booksAt(20, 30))
    const { nodes, ledgerFindings } = await audited([await storeWith()], { booksHistory: books })
    assert.deepEqual(
      nodes.map(({ node, samples, coverage }) => [node, samples, coverage]),
      [['node-1', 0, 0]],
    )
    assert.equal(ledgerFindings.length, 1)
  })

  it('goes on without a store that may be away, says so once, and leaves the ledger alone', async () => {
    const store = await storeWith(batchOf(counted(10, 10, 100)))
    const books = historyOf(booksAt(0, 0), booksAt(10, 99))
    const { warnings, nodes, ledgerFindings } = await audited([store, away], { booksHistory: books })
    assert.deepEqual(warnings, ['What was stored is missing from this audit: the disk is full'])
    assert.deepEqual([nodes[0]?.energy, ledgerFindings], [10, []])
  })

  it('fails with a store that may not be away', async () => {
    await assert.rejects(audited([{ ...away, whenAway: 'fail' }]), /the disk is full/)
  })

  it('refuses more samples, or more gaps, than it can hold', async () => {
    const gaps = [gapUntil(10), gapUntil(20), gapUntil(30)]
    const store = await storeWith(batch([page([measured(10), measured(20), measured(30)], { gaps })]))
    const within = (mostSamples: number, mostGaps: number) =>
      createEnergyAuditor({
        stores: [store],
        booksHistory: createBooksHistory(1e9),
        lookBackSeconds: 35,
        bounds: { mostSamples, mostGaps },
      })(hour, never)
    assert.deepEqual(await within(2, 3), { kind: 'too-much', what: 'samples', most: 2 })
    assert.deepEqual(await within(3, 2), { kind: 'too-much', what: 'gaps', most: 2 })
    assert.equal((await within(3, 3)).kind, 'audited')
  })

  it('balances whatever happens, however the samples are spread over memory and a store', async () => {
    const story = fc.array(anyStep, { minLength: 1, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(story, fc.nat(600), fc.nat(20), async (steps, second, kept) => {
        const { pages, counted: energy } = play(steps)
        const recent = await storeWith(batch(pages.slice(-kept)))
        const stored = await storeWith(batch(pages))
        const whole = { from: instant(-1), to: instant(1e9) }
        const { nodes, findings } = await audited([recent, stored], { window: whole })
        assert.deepEqual(findings, [])
        assert.ok(Math.abs((nodes[0]?.energy ?? 0) - energy) <= 1e-9 * energy)
        const part = { from: instant(second * 1000), to: whole.to }
        assert.deepEqual((await audited([recent, stored], { window: part })).findings, [])
      }),
      { numRuns: 300 },
    )
  })
})
