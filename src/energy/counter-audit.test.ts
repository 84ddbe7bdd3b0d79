import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { at, busybox, gapUntil, measured } from '../../test/contracts/measured.ts'
import { anyStep, play } from '../../test/energy-story.ts'
import { type Interval, instant, joules } from '../units.ts'
import { type AuditFinding, createCounterAudit } from './counter-audit.ts'
import type { TrailSample } from './counter-trail.ts'
import type { Gap } from './gap.ts'
import type { Measurement } from './ledger-page.ts'

/** A sample of ten seconds whose counter ends at `counter`. */
function sampled(
  second: number,
  energy: number,
  counter: number,
  more: Partial<Measurement> & { node?: string } = {},
): TrailSample {
  return {
    node: 'node-1',
    ...measured(second, { energy: joules(energy), counter: joules(counter), ...more }),
  }
}

const window = { from: at(0), to: at(1000) }

function audited(
  samples: readonly TrailSample[],
  { gaps = [], during = window }: { readonly gaps?: readonly Gap[]; readonly during?: Interval } = {},
) {
  const audit = createCounterAudit(during)
  for (const sample of samples) audit.add(sample, 0)
  return audit.close(gaps)
}

const shown = ({ containerId, during, what }: AuditFinding) => [
  containerId,
  during.from,
  during.to,
  what.kind,
  ...(what.kind === 'counter-differs' ? [what.advance, what.energy] : []),
]

describe('the audit of counters', () => {
  it('finds nothing where each counter advanced by what its samples hold', () => {
    const { nodes, findings } = audited([
      sampled(10, 10, 100),
      sampled(20, 20, 120),
      sampled(30, 5, 125),
      sampled(30, 7, 7, { containerId: 'c2', flags: ['started'], workload: undefined }),
      sampled(40, 1, 8, { containerId: 'c2', workload: undefined }),
      sampled(30, 1, 1000, { node: 'node-2' }),
    ])
    assert.deepEqual(findings, [])
    assert.deepEqual(
      nodes.map(({ node, samples, energy, unnamed, counterAdvance, unchecked, scraped }) => [
        node,
        samples,
        energy,
        unnamed,
        counterAdvance,
        unchecked,
        scraped,
      ]),
      [
        ['node-1', 5, 43, 8, 43, 10, { from: at(0), to: at(40) }],
        ['node-2', 1, 1, 0, 1, 1, { from: at(20), to: at(30) }],
      ],
    )
    assert.deepEqual([...(nodes[0]?.flags ?? [])], [['started', 1]])
  })

  it('finds a sample that holds another energy than its counter advanced', () => {
    const { findings, nodes } = audited([sampled(10, 10, 100), sampled(20, 20, 115), sampled(30, 5, 120)])
    assert.deepEqual(findings.map(shown), [['c1', at(10), at(20), 'counter-differs', 15, 20]])
    assert.deepEqual(findings[0]?.workload, busybox)
    assert.deepEqual([nodes[0]?.energy, nodes[0]?.counterAdvance], [35, 30])
  })

  it('finds it in the first sample of a container that began', () => {
    const { findings } = audited([sampled(10, 10, 9, { flags: ['started'] })])
    assert.deepEqual(findings.map(shown), [['c1', at(0), at(10), 'counter-differs', 9, 10]])
  })

  it('takes samples from before the window for starting points alone', () => {
    const during = { from: at(10), to: at(1000) }
    const { findings, nodes } = audited([sampled(10, 999, 100), sampled(20, 20, 121)], { during })
    assert.deepEqual(findings.map(shown), [['c1', at(10), at(20), 'counter-differs', 21, 20]])
    assert.deepEqual([nodes[0]?.energy, nodes[0]?.samples, nodes[0]?.unchecked], [20, 1, 0])
  })

  it('takes the energy of a counter that began again at its word', () => {
    const { findings, nodes } = audited([sampled(10, 1, 100), sampled(20, 20, 20, { flags: ['reset'] })])
    assert.deepEqual(findings, [])
    assert.deepEqual([nodes[0]?.counterAdvance, nodes[0]?.unchecked], [21, 21])
  })

  it('lets what was refused explain an advance that no sample holds, up to what was claimed', () => {
    const samples = [sampled(10, 1, 100), sampled(20, 0, 100, { flags: ['refused'] }), sampled(30, 5, 605)]
    const refused = (claimedJoules: number) => gapUntil(20, { cause: { kind: 'refused', claimedJoules } })
    assert.deepEqual(audited(samples, { gaps: [refused(500)] }).findings, [])
    assert.equal(audited(samples, { gaps: [refused(499)] }).findings.length, 1)
    assert.equal(audited(samples, { gaps: [{ ...refused(500), containerId: 'c2' }] }).findings.length, 1)
    assert.equal(audited(samples, { gaps: [{ ...refused(500), during: window }] }).findings.length, 1)
  })

  it('lets lines that could not be read explain a counter that came up with a value', () => {
    const samples = [sampled(10, 1, 100), sampled(20, 5, 605)]
    const gaps = [gapUntil(20, { cause: { kind: 'unread-before' } })]
    assert.deepEqual(audited(samples, { gaps }).findings, [])
    assert.equal(audited([sampled(10, 1, 100), sampled(20, 50, 105)], { gaps }).findings.length, 1)
  })

  it('finds a hole in the samples of a container, unless a gap stands there or it began anew', () => {
    const samples = [sampled(10, 10, 100), sampled(30, 5, 125)]
    assert.deepEqual(audited(samples).findings.map(shown), [['c1', at(10), at(20), 'hole']])
    assert.deepEqual(audited(samples, { gaps: [gapUntil(20, { cause: { kind: 'dropped' } })] }).findings, [])
    const ofNode = gapUntil(30, { containerId: '*', cause: { kind: 'dropped' } })
    assert.equal(audited(samples, { gaps: [ofNode] }).findings.length, 1)
    const during = { from: at(5), to: at(25) }
    assert.deepEqual(audited(samples, { gaps: [{ ...ofNode, during }] }).findings, [])
    const anew = sampled(30, 5, 5, { flags: ['started'] })
    assert.deepEqual(audited([sampled(10, 10, 100), anew]).findings, [])
  })

  it('finds time that two samples of a container share', () => {
    const long = sampled(30, 25, 125, { during: { from: at(15), to: at(30) } })
    const { findings } = audited([sampled(10, 10, 100), sampled(20, 20, 120), long])
    assert.deepEqual(findings.map(shown), [['c1', at(15), at(20), 'overlap']])
  })

  it('counts a sample once that two stores hold, and follows the counter from one to the other', () => {
    const audit = createCounterAudit(window)
    for (const sample of [sampled(30, 5, 125), sampled(40, 5, 130)]) audit.add(sample, 0)
    const stored = [sampled(10, 10, 100), sampled(20, 20, 120), sampled(30, 5, 125), sampled(50, 9, 140)]
    for (const sample of stored) audit.add(sample, 1)
    assert.deepEqual([audit.samples, audit.earliest], [5, at(0)])
    const { nodes, findings } = audit.close([])
    assert.deepEqual([nodes[0]?.samples, nodes[0]?.energy, nodes[0]?.unchecked], [5, 49, 10])
    assert.deepEqual(findings.map(shown), [['c1', at(40), at(50), 'counter-differs', 10, 9]])
  })

  it('holds the rows of the predecessor against nothing, since it kept no lengths', () => {
    const row = (second: number, energy: number) =>
      sampled(second, energy, 5, { node: '', containerId: 'predecessor', flags: ['predecessor'] })
    const { nodes, findings } = audited([row(10, 1), row(15, 2), row(60, 3)])
    assert.deepEqual(findings, [])
    assert.deepEqual([nodes[0]?.energy, nodes[0]?.counterAdvance, nodes[0]?.unchecked], [6, 6, 6])
  })

  it('takes no row of the predecessor that ends before the window for one of it', () => {
    const row = (second: number) => sampled(second, 2, 5, { node: '', flags: ['predecessor'] })
    const { nodes } = audited([row(100), row(110)], { during: { from: at(100), to: at(200) } })
    assert.deepEqual([nodes[0]?.samples, nodes[0]?.energy, nodes[0]?.counterAdvance], [1, 2, 2])
  })

  it('tells which time of a node was scraped', () => {
    const { nodes } = audited([
      sampled(10, 1, 1),
      sampled(20, 1, 2),
      sampled(20, 1, 2, { containerId: 'c2', during: { from: at(5), to: at(20) } }),
      sampled(50, 1, 3, { flags: ['started'] }),
    ])
    assert.deepEqual(nodes[0]?.covered, [
      { from: at(0), to: at(20) },
      { from: at(40), to: at(50) },
    ])
  })

  it('counts what it finds beyond what it lists', () => {
    const samples = Array.from({ length: 10_050 }, (_, index) => sampled(10 * (index + 1), 1, 0))
    const { findings, findingCount } = audited(samples, { during: { from: at(0), to: at(1e6) } })
    assert.deepEqual([findings.length, findingCount], [10_000, 10_049])
  })
})

const always = { from: instant(-1), to: instant(1e15) }

/** The samples of a story as a store holds them, each container’s in order of time. */
function trailOf({ pages }: ReturnType<typeof play>): readonly TrailSample[] {
  return pages.flatMap(({ node, measurements }) =>
    measurements.map((measurement) => ({ node, ...measurement })),
  )
}

describe('the books balance', () => {
  const story = fc.array(anyStep, { minLength: 1, maxLength: 60 })

  it('whatever happened to hardware, exporter and service', () => {
    fc.assert(
      fc.property(story, (steps) => {
        const played = play(steps)
        const gaps = played.pages.flatMap((page) => page.gaps)
        const { nodes, findings } = audited(trailOf(played), { gaps, during: always })
        assert.deepEqual(findings.map(shown), [])
        const energy = nodes[0]?.energy ?? 0
        assert.ok(Math.abs(energy - played.counted) <= 1e-9 * played.counted)
      }),
      { numRuns: 3000 },
    )
  })

  it('in any window, from any two stores that hold all samples together', () => {
    fc.assert(
      fc.property(story, fc.nat(600), fc.infiniteStream(fc.constantFrom(0, 1, 2)), (steps, second, split) => {
        const played = play(steps)
        const gaps = played.pages.flatMap((page) => page.gaps)
        const audit = createCounterAudit({ from: instant(second * 1000), to: always.to })
        const placed = trailOf(played).map((sample) => [sample, split.next().value] as const)
        for (const [sample, store] of placed) if (store !== 1) audit.add(sample, 0)
        for (const [sample, store] of placed) if (store !== 0) audit.add(sample, 1)
        assert.deepEqual(audit.close(gaps).findings.map(shown), [])
        assert.equal(audit.samples, placed.length)
      }),
      { numRuns: 1000 },
    )
  })

  it('until a sample is corrupted: then the audit says which', () => {
    fc.assert(
      fc.property(
        story,
        fc.nat(),
        fc.constantFrom('energy', 'counter', 'missing', 'twice'),
        (steps, pick, how) => {
          const played = play(steps)
          const samples = trailOf(played)
          const corruptible = samples.filter((sample) => isHeld(sample, samples))
          const victim = corruptible[pick % Math.max(1, corruptible.length)]
          fc.pre(victim !== undefined && !(how === 'missing' && isLast(victim, samples)))
          const gaps = played.pages
            .flatMap((page) => page.gaps)
            .filter((gap) => gap.containerId !== victim.containerId)
          const found = audited(corrupted(samples, victim, how), { gaps, during: always }).findings
          const about = found.filter(({ containerId }) => containerId === victim.containerId)
          assert.ok(
            about.some(({ during }) => during.from <= victim.during.to && victim.during.from <= during.to),
            JSON.stringify(found.map(shown)),
          )
          assert.equal(found.length, about.length)
        },
      ),
      { numRuns: 1000 },
    )
  })
})

/** Whether the counter of the sample before stands beside it. */
function isHeld(sample: TrailSample, samples: readonly TrailSample[]): boolean {
  return (
    !sample.flags.includes('reset') &&
    samples.some(
      (other) => other.containerId === sample.containerId && other.during.to === sample.during.from,
    )
  )
}

function isLast(sample: TrailSample, samples: readonly TrailSample[]): boolean {
  return !samples.some(
    (other) =>
      other.containerId === sample.containerId &&
      other.during.to > sample.during.to &&
      !other.flags.includes('started'),
  )
}

function corrupted(
  samples: readonly TrailSample[],
  victim: TrailSample,
  how: 'energy' | 'counter' | 'missing' | 'twice',
): readonly TrailSample[] {
  const { from, to } = victim.during
  return samples.flatMap((sample) => {
    if (sample !== victim) return [sample]
    switch (how) {
      case 'energy':
        return [{ ...sample, energy: joules(sample.energy + 1) }]
      case 'counter':
        return [{ ...sample, counter: joules(sample.counter + 1) }]
      case 'missing':
        return []
      case 'twice':
        return [sample, { ...sample, during: { from: instant(from - 1), to: instant(to - 1) } }]
    }
  })
}
