import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { colourSlots, slotCount } from './colour-slots.ts'

describe('the colour of a name', () => {
  it('is its own, whichever names come after it', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 1, maxLength: slotCount }), (names) => {
        const all = colourSlots(names)
        for (const [at, name] of names.entries()) {
          assert.equal(colourSlots(names.slice(0, at + 1)).get(name), all.get(name))
        }
      }),
    )
  })

  it('is not that of another, as long as there are colours', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: slotCount }), (names) => {
        assert.equal(new Set(colourSlots(names).values()).size, names.length)
      }),
    )
  })

  it('is different from the start for the zones that are seen most', () => {
    assert.deepEqual(
      [...colourSlots(['DE', 'FR', 'PL'])],
      [
        ['DE', 0],
        ['FR', 1],
        ['PL', 2],
      ],
    )
  })

  it('comes again when there are more names than colours', () => {
    const slots = colourSlots(Array.from({ length: 20 }, (_, at) => `pod-${at}`))
    assert.equal(slots.size, 20)
    assert.ok([...slots.values()].every((slot) => slot >= 0 && slot < slotCount))
  })
})
