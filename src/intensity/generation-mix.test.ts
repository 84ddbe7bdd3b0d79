import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { instant } from '../units.ts'
import {
  completeIntervals,
  type EmissionFactors,
  type GeneratedInterval,
  mixFigures,
  type TechnologyOfType,
  technologies,
} from './generation-mix.ts'

const hour = 3_600_000
const gramsFor = new Map<string, number>([
  ['coal', 800],
  ['nuclear', 10],
  ['other', 700],
])
const factors: EmissionFactors = {
  name: 'test-set',
  gramsPerKilowattHour: new Map(
    technologies.map((technology) => [technology, gramsFor.get(technology) ?? 0]),
  ),
}
const types: TechnologyOfType = new Map([
  ['C', 'coal'],
  ['N', 'nuclear'],
  ['S', 'solar'],
  ['P', 'storage'],
])

function generated(atHour: number, amounts: Readonly<Record<string, number>>, hours = 1): GeneratedInterval {
  const valid = { from: instant(atHour * hour), to: instant((atHour + hours) * hour) }
  return { valid, amounts: new Map(Object.entries(amounts)) }
}

/** A day in which `amounts` were generated in every hour. */
const day = (amounts: Readonly<Record<string, number>>) =>
  Array.from({ length: 24 }, (_, atHour) => generated(atHour, amounts))

const hoursOf = (intervals: readonly GeneratedInterval[]) => intervals.map(({ valid }) => valid.from / hour)

/** The intensity of one hour after an ordinary day. */
const gramsOf = (amounts: Readonly<Record<string, number>>) =>
  mixFigures([...day(amounts), generated(24, amounts)], types, factors).at(-1)?.grams

describe('the intensity of a production mix', () => {
  it('is the mean of the emission factors, by what each type generated', () => {
    assert.equal(gramsOf({ C: 1, N: 3 }), (800 + 3 * 10) / 4)
    assert.equal(gramsOf({ C: 100 }), 800)
  })

  it('says which factors it is made with', () => {
    const [figure] = mixFigures([...day({ C: 1 }), generated(24, { C: 1 })], types, factors)
    assert.deepEqual(figure?.method, { kind: 'estimated', detail: 'production mix x test-set' })
  })

  it('leaves storage out, and counts what a plant uses itself as nothing', () => {
    assert.equal(gramsOf({ C: 1, N: 1, P: 50 }), 405)
    assert.equal(gramsOf({ C: 1, N: 1, S: -3 }), 405)
  })

  it('takes a type that has no technology for an unknown one', () => {
    assert.equal(gramsOf({ X: 1 }), 700)
  })

  it('is none where nothing was generated, and 0 where all of it is free of emissions', () => {
    assert.equal(gramsOf({ C: 0, N: 0 }), undefined)
    assert.equal(gramsOf({ P: 5 }), undefined)
    assert.equal(gramsOf({ S: 5 }), 0)
  })

  it('never lies outside the factors of what was generated', () => {
    const amount = fc.double({ min: 0.001, max: 1e5, noNaN: true })
    fc.assert(
      fc.property(amount, amount, (C, N) => {
        const grams = gramsOf({ C, N }) ?? NaN
        assert.ok(grams >= 10 - 1e-9 && grams <= 800 + 1e-9)
      }),
    )
  })
})

describe('an interval of generation is complete when', () => {
  it('it has every type that is usual', () => {
    const known = day({ C: 1, N: 1 })
    assert.deepEqual(hoursOf(completeIntervals([...known, generated(24, { C: 1 })])).includes(24), false)
    assert.deepEqual(hoursOf(completeIntervals([...known, generated(24, { C: 0, N: 1 })])).includes(24), true)
  })

  it('it lacks a type that is there for less than 80 % of the day before', () => {
    const withSolar = (hours: number) =>
      Array.from({ length: 20 }, (_, atHour) => generated(atHour, atHour < hours ? { C: 1, S: 1 } : { C: 1 }))
    assert.equal(hoursOf(completeIntervals([...withSolar(15), generated(20, { C: 1 })])).at(-1), 20)
    assert.notEqual(hoursOf(completeIntervals([...withSolar(16), generated(20, { C: 1 })])).at(-1), 20)
  })

  it('it has a type more than usual', () => {
    assert.equal(hoursOf(completeIntervals([...day({ C: 1 }), generated(24, { C: 1, N: 1 })])).at(-1), 24)
  })

  it('at least six hours of the day before are known', () => {
    const six = Array.from({ length: 7 }, (_, atHour) => generated(atHour, { C: 1 }))
    assert.deepEqual(hoursOf(completeIntervals(six)), [6])
    assert.deepEqual(hoursOf(completeIntervals([...six, generated(40, { C: 1 })])), [6])
    assert.deepEqual(completeIntervals([]), [])
  })

  it('longer intervals weigh as much as the shorter ones they are made of', () => {
    const long = [generated(0, { C: 1, N: 1 }, 5), ...[5, 6].map((atHour) => generated(atHour, { C: 1 }))]
    // N was there for 5 of 7 hours: not usual. Counted by intervals it would be 1 of 3.
    assert.equal(hoursOf(completeIntervals([...long, generated(7, { C: 1 })])).at(-1), 7)
    const longer = [generated(0, { C: 1, N: 1 }, 8), generated(8, { C: 1 })]
    assert.notEqual(hoursOf(completeIntervals([...longer, generated(9, { C: 1 })])).at(-1), 9)
  })

  it('a type that was given up is missed for some five hours, and no longer', () => {
    const givenUp = Array.from({ length: 24 }, (_, index) => generated(24 + index, { C: 1 }))
    const complete = hoursOf(completeIntervals([...day({ C: 1, N: 1 }), ...givenUp]))
    assert.equal(
      complete.find((atHour) => atHour >= 24),
      29,
    )
    assert.equal(complete.at(-1), 47)
  })
})
