import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { slotCount } from '../figures/colour-slots.ts'

/** Linear red, green and blue, from 0 to 1. */
type Linear = readonly [number, number, number]

const tokens = new Map(
  Array.from(
    readFileSync(new URL('tokens.css', import.meta.url), 'utf8').matchAll(
      /--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g,
    ),
    ([, name = '', light = '', dark = '']) => [name, { light, dark }] as const,
  ),
)
const themes = ['light', 'dark'] as const

function colour(name: string, theme: (typeof themes)[number]): Linear {
  const hex = tokens.get(name)?.[theme]
  assert.ok(hex !== undefined, `there is no colour ${name}`)
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return [channel(1), channel(3), channel(5)]
}

/** WCAG 2.2, "contrast ratio". */
function contrast(left: Linear, right: Linear): number {
  const luminance = ([red, green, blue]: Linear) => 0.2126 * red + 0.7152 * green + 0.0722 * blue
  const [least = 0, most = 0] = [luminance(left), luminance(right)].sort((one, other) => one - other)
  return (most + 0.05) / (least + 0.05)
}

/**
 * What those see who lack one kind of cone, in linear colour: the matrices for severity 1 of Machado, Oliveira and
 * Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency", 2009, table 1.
 */
const visions: Readonly<Record<string, readonly (readonly [number, number, number])[]>> = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152_286, 1.052_583, -0.204_868],
    [0.114_503, 0.786_281, 0.099_216],
    [-0.003_882, -0.048_116, 1.051_998],
  ],
  deuteranopia: [
    [0.367_322, 0.860_646, -0.227_968],
    [0.280_085, 0.672_501, 0.047_413],
    [-0.011_82, 0.042_94, 0.968_881],
  ],
  tritanopia: [
    [1.255_528, -0.076_749, -0.178_779],
    [-0.078_411, 0.930_809, 0.147_602],
    [0.004_733, 0.691_367, 0.3039],
  ],
}

/** Oklab, by Björn Ottosson, 2020: distances in it are as different as they look. */
function oklab([red, green, blue]: Linear): Linear {
  const long = Math.cbrt(0.412_221_470_8 * red + 0.536_332_536_3 * green + 0.051_445_992_9 * blue)
  const medium = Math.cbrt(0.211_903_498_2 * red + 0.680_699_545_1 * green + 0.107_396_956_6 * blue)
  const short = Math.cbrt(0.088_302_461_9 * red + 0.281_718_837_6 * green + 0.629_978_700_5 * blue)
  return [
    0.210_454_255_3 * long + 0.793_617_785 * medium - 0.004_072_046_8 * short,
    1.977_998_495_1 * long - 2.428_592_205 * medium + 0.450_593_709_9 * short,
    0.025_904_037_1 * long + 0.782_771_766_2 * medium - 0.808_675_766 * short,
  ]
}

function seen([red, green, blue]: Linear, vision: string): Linear {
  const row = (at: number) => {
    const [toRed = 0, toGreen = 0, toBlue = 0] = visions[vision]?.[at] ?? []
    return Math.min(1, Math.max(0, toRed * red + toGreen * green + toBlue * blue))
  }
  return oklab([row(0), row(1), row(2)])
}

const slots = Array.from({ length: slotCount }, (_, slot) => `slot-${slot}`)

for (const theme of themes) {
  describe(`the colours, ${theme}`, () => {
    it('of series stand out from what they are drawn on, 3 to 1 as WCAG asks of graphics', () => {
      for (const name of [...slots, 'slot-rest', 'accent']) {
        const ratio = contrast(colour(name, theme), colour('surface', theme))
        assert.ok(ratio >= 3, `${name} has ${ratio.toFixed(2)}`)
      }
    })

    it('of words can be read on everything they stand on, 4.5 to 1', () => {
      for (const name of ['ink', 'ink-2', 'ink-3', 'accent', 'good', 'care', 'bad']) {
        for (const ground of ['page', 'surface', 'raised', 'sunken', 'hover', 'care-wash', 'bad-wash']) {
          const ratio = contrast(colour(name, theme), colour(ground, theme))
          assert.ok(ratio >= 4.5, `${name} on ${ground} has ${ratio.toFixed(2)}`)
        }
      }
    })

    it('of any two series are told apart with every kind of colour vision', () => {
      for (const vision of Object.keys(visions)) {
        for (const [at, name] of slots.entries()) {
          for (const other of slots.slice(0, at)) {
            const [left, right] = [name, other].map((each) => seen(colour(each, theme), vision))
            assert.ok(left !== undefined && right !== undefined)
            const distance = Math.hypot(left[0] - right[0], left[1] - right[1], left[2] - right[2])
            assert.ok(distance >= 0.09, `${name} and ${other}: ${distance.toFixed(3)} with ${vision}`)
          }
        }
      }
    })
  })
}
