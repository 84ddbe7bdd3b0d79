import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readerOf } from '../../test/fake-energy.ts'
import { measuredFact } from '../../test/measured-fact.ts'
import type { IntensityFact } from '../intensity/fact.ts'
import { createFactBook } from '../intensity/fact-book.ts'
import { usualSeries } from '../intensity/preference.ts'
import { instant, joules } from '../units.ts'
import { createWorkShifter, type ShiftQuestion } from './shift-work.ts'
import { createEmissionsSummer } from './sum-emissions.ts'

const hour = 3_600_000
/** A quarter past ten on the thirtieth day. */
const now = 30 * 24 * hour + 10.25 * hour
const midnight = 30 * 24 * hour

type Rows = readonly (readonly [fromHour: number, toHour: number, grams: number])[]

/** Facts about a zone, by hours of the thirtieth day. */
const told = (zone: string, kind: 'measured' | 'forecast' | 'configured', rows: Rows) =>
  rows.map(([from, to, grams]) =>
    measuredFact(grams, midnight + from * hour, midnight + to * hour, { zone, method: { kind } }),
  )
const annual = (zone: string, grams: number) =>
  measuredFact(grams, -Infinity, Infinity, {
    zone,
    method: { kind: 'annual-average', year: 2025 },
    rank: 1000,
  })

async function shifted(facts: readonly IntensityFact[], more: Partial<ShiftQuestion> = {}) {
  const workload = { namespace: 'shop', pod: 'web', container: 'app' }
  const energy = readerOf([{ node: 'a', workload, from: now - hour, to: now, joules: 7200 }])
  const intensities = createFactBook()
  intensities.add(facts)
  const owners = {
    ownerOf: () => ({ kind: 'Pod', name: 'web', labels: {}, derivedFrom: 'pod-name' as const }),
  }
  const sum = createEmissionsSummer({ readEnergy: () => energy, intensities, pause: async () => {} })
  const shift = createWorkShifter({ sum, owners, intensities, now: () => instant(now) })
  const answer = await shift(
    {
      work: { kind: 'energy', energy: joules(3_600_000) },
      durationSeconds: 3600,
      zones: ['DE'],
      home: 'DE',
      horizonSeconds: 24 * 3600,
      asOf: instant(Infinity),
      series: usualSeries,
      ...more,
    },
    new AbortController().signal,
  )
  assert.ok(answer.kind === 'shifted')
  return answer
}

const hourOf = (at: number) => (at - midnight) / hour

describe('the best time and place of some work', () => {
  const german = [
    ...told('DE', 'measured', [[10, 10.5, 400]]),
    ...told('DE', 'forecast', [
      [10.5, 13, 400],
      [13, 14.5, 200],
      [14.5, 40, 500],
    ]),
  ]
  const french = told('FR', 'forecast', [
    [10, 15, 50],
    [15, 16, 20],
  ])

  it('is the best start of each forecast, the best zone first, with what it saves against now at home', async () => {
    // The work is one kWh: its grams are the mean intensity.
    const { now: present, forecast } = await shifted([...german, ...french], { zones: ['DE', 'FR'] })
    assert.equal(present.emissions?.grams, 400)
    assert.deepEqual(
      forecast.map(({ zone, grams, during, saving }) => [zone, grams, hourOf(during.from), saving]),
      [
        ['FR', 20, 15, { grams: 380, share: 0.95 }],
        ['DE', 200, 13, { grams: 200, share: 0.5 }],
      ],
    )
    assert.deepEqual(
      forecast[0]?.provenance.parts.map(({ method }) => method.kind),
      ['forecast'],
    )
  })

  it('may begin now, but in no time of which something else than a forecast is known', async () => {
    const { forecast } = await shifted([...told('DE', 'measured', [[10, 11, 1]]), ...german], {
      durationSeconds: 600,
    })
    assert.equal(hourOf(forecast[0]?.during.from ?? 0), 13)
    const french = await shifted(told('FR', 'forecast', [[10, 15, 50]]), { zones: ['FR'], home: 'FR' })
    assert.equal(hourOf(french.forecast[0]?.during.from ?? 0), 10.25)
  })

  it('takes figures of the user’s own for a coming time', async () => {
    const { forecast } = await shifted(told('DE', 'configured', [[11, 12, 7]]))
    assert.equal(forecast[0]?.grams, 7)
  })

  it('reaches no further ahead than the horizon', async () => {
    const { forecast } = await shifted(german, { horizonSeconds: 3 * 3600 })
    assert.equal(hourOf(forecast[0]?.during.from ?? 0), 12.25)
  })

  it('says of a zone why there is no start', async () => {
    const { withoutForecast, forecast } = await shifted(
      [...german, ...told('FR', 'forecast', [[11, 11.5, 1]]), ...told('PL', 'measured', [[9, 10, 1]])],
      { zones: ['FR', 'PL', 'JP'] },
    )
    assert.deepEqual(forecast, [])
    assert.deepEqual(withoutForecast, [
      {
        zone: 'FR',
        reason: 'what is forecast, until 1970-01-31T11:30:00.000000+00:00, has no 3600 s without a hole',
      },
      { zone: 'PL', reason: 'no source has told a forecast of it' },
      { zone: 'JP', reason: 'no source has told a forecast of it' },
    ])
  })

  it('names a zone whose figures are the same at all times, and mixes it with no others', async () => {
    const facts = [...german, annual('JP', 480), measuredFact(9, -Infinity, Infinity, { zone: 'NO' })]
    const answer = await shifted(facts, { zones: ['DE', 'JP', 'NO'] })
    assert.deepEqual(answer.flat, ['JP', 'NO'])
    assert.deepEqual(answer.withoutForecast, [])
    assert.deepEqual(
      answer.forecast.map(({ zone }) => zone),
      ['DE'],
    )
  })

  it('saves nothing that can be told against an annual average at home', async () => {
    const { forecast, now: present, warnings } = await shifted([annual('JP', 480), ...german], { home: 'JP' })
    assert.equal(present.emissions?.grams, 480)
    assert.equal(forecast[0]?.saving, undefined)
    assert.match(warnings[0] ?? '', /^No figure of the present time is known for JP/)
  })
})

describe('the profile of the last seven days', () => {
  const week = (zone: string, gramsAt: (hourOfDay: number) => number) =>
    told(
      zone,
      'measured',
      Array.from({ length: 24 * 9 }, (_, at) => {
        const from = at - 24 * 8
        return [from, from + 1, gramsAt(((from % 24) + 24) % 24)] as const
      }),
    )

  it('has the best hour of the day of each zone, against the present hour at home', async () => {
    const facts = [
      ...week('DE', (hourOfDay) => (hourOfDay === 13 ? 100 : 400)),
      ...week('FR', (hourOfDay) => 40 + hourOfDay),
    ]
    const { usual, profile } = await shifted(facts, { zones: ['DE', 'FR'] })
    assert.deepEqual([usual?.zone, usual?.hour, usual?.grams, usual?.days], ['DE', 10, 400, 7])
    assert.deepEqual(
      profile.map(({ zone, hour, grams, saving, days }) => [zone, hour, grams, saving?.grams, days]),
      [
        ['FR', 0, 40, 360, 7],
        ['DE', 13, 100, 300, 7],
      ],
    )
    assert.equal(profile[0]?.provenance.parts[0]?.energyShare.toFixed(9), '1.000000000')
  })

  it('knows nothing of an annual average', async () => {
    const { usual, profile } = await shifted([annual('DE', 300)])
    assert.deepEqual([usual, profile], [undefined, []])
  })
})

describe('the work', () => {
  it('is what the containers use in that time, at the power they were measured with', async () => {
    // 7200 J in the last of the two hours are a mean of 1 W: 1800 J in half an hour.
    const scope = { during: { from: instant(now - 2 * hour), to: instant(now) }, where: {}, workloads: [] }
    const { energy, measuredMs } = await shifted([], {
      work: { kind: 'measured', scope },
      durationSeconds: 1800,
    })
    assert.equal(energy, 1800)
    assert.equal(measuredMs, hour)
  })
})
