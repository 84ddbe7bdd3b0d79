import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chooseZones } from './zones.ts'

describe('the zones that are summed', () => {
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['psys alone, which holds all others', ['core', 'dram', 'package', 'psys', 'uncore'], ['psys']],
    ['package and dram, which lie side by side', ['core', 'dram', 'package', 'uncore'], ['dram', 'package']],
    ['package alone where there is no dram', ['core', 'package', 'uncore'], ['package']],
    ['the primary sensor of an ARM or AMD machine', ['soc', 'ppt', 'core_power'], ['ppt']],
    ['core before dram, in Kepler’s own order', ['dram', 'core'], ['core']],
    ['the first by name where none is known', ['power2', 'power1'], ['power1']],
    ['none where there is only an accelerator', ['gpu'], []],
    ['none where there is none', [], []],
  ]
  for (const [title, present, chosen] of cases) {
    it(`are ${title}`, () => {
      assert.deepEqual(chooseZones(new Set(present)), chosen)
    })
  }
})
