import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import type { MeasuredEnergy } from './fake-energy.ts'
import { atSecond, configured, roundedJson, serveApi } from './served-api.ts'

const document = readFileSync(new URL('../docs/api.md', import.meta.url), 'utf8')
/** A request, and the part of its answer that is shown. */
const examples = Array.from(
  document.matchAll(/```\nGET (?<request>\S+)\n```\n(?:(?!```)[\s\S])*```json\n(?<answer>[\s\S]*?)```/g),
  ({ groups = {} }) => ({ request: groups['request'] ?? '', answer: groups['answer'] ?? '' }),
)

const hour = 3600
/** Samples of ten seconds from nine to ten o'clock. */
const drawing = (pod: string, watts: number): readonly MeasuredEnergy[] =>
  Array.from({ length: 360 }, (_, at) => ({
    node: 'node-a',
    workload: { namespace: 'shop', pod, container: 'app' },
    from: atSecond(10 * at - hour),
    to: atSecond(10 * at + 10 - hour),
    joules: watts * 10,
  }))

/** By hours from ten o'clock. */
const told = (
  zone: string,
  kind: 'measured' | 'forecast',
  rows: readonly (readonly [number, number, number])[],
) =>
  rows.map(([from, to, grams]) =>
    configured(zone, grams, {
      source: 'energy-charts',
      method: { kind },
      rank: 20,
      valid: { from: atSecond(from * hour), to: atSecond(to * hour) },
    }),
  )

/** On each day the hour from 13 to 14 stood at 150 g/kWh, and the others at 400. */
const lastWeek = Array.from({ length: 24 * 7 - 1 }, (_, back) => {
  const from = -back - 2
  const hourOfDay = (((from + 10) % 24) + 24) % 24
  return [from, from + 1, hourOfDay === 13 ? 150 : 400] as const
})

const facts = [
  ...told('DE', 'measured', [...lastWeek, [-1, -0.5, 400], [-0.5, 1, 200]]),
  ...told('DE', 'forecast', [
    [1, 3, 300],
    [3, 4.5, 120],
    [4.5, 48, 250],
  ]),
  ...told('FR', 'measured', [[-1, 1, 50]]),
]
const annual = configured('PL', 600, {
  source: 'ember-annual',
  method: { kind: 'annual-average', year: 2025 },
  rank: 1000,
})

describe('the examples of docs/api.md', async () => {
  const energy = [...drawing('web-7d4b9c6f5d-x2x9z', 10), ...drawing('db-0', 5)]
  const server = await serveApi({ energy, facts })
  const withPoland = await serveApi({ energy, facts: [...facts, annual] })
  after(async () => {
    await server.close()
    await withPoland.close()
  })

  it('are three', () => {
    assert.equal(examples.length, 3)
  })

  for (const { request, answer } of examples) {
    it(`are answered as they say: ${request}`, async () => {
      const found = await (request.includes('PL') ? withPoland : server).inject(request)
      assert.equal(found.statusCode, 200, found.body)
      assertShown(roundedJson(found.body), JSON.parse(answer), '')
    })
  }
})

/** Whether all that is shown is there; an object may hold more. */
function assertShown(found: unknown, shown: unknown, where: string): void {
  if (Array.isArray(shown)) {
    assert.ok(Array.isArray(found) && found.length === shown.length, `${where} has other elements`)
    for (const [at, element] of shown.entries()) assertShown(found[at], element, `${where}[${at}]`)
  } else if (typeof shown === 'object' && shown !== null) {
    assert.ok(typeof found === 'object' && found !== null, `${where} is missing`)
    const entries = new Map(Object.entries(found))
    for (const [name, value] of Object.entries(shown))
      assertShown(entries.get(name), value, `${where}.${name}`)
  } else {
    assert.equal(found, shown, where)
  }
}
