import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { Value } from 'typebox/value'
import type { MeasuredEnergy } from '../../../test/fake-energy.ts'
import { atSecond, configured, roundedJson, serveApi } from '../../../test/served-api.ts'
import { StoreError } from '../../energy/measurement-store.ts'
import { TooMuchEnergyError } from '../../flows/read-energy.ts'
import { digestOf } from './api-tokens.ts'
import { EmissionsReport } from './emissions-schema.ts'

const names = (namespace: string, pod: string, container = 'app') => ({ namespace, pod, container })
const web = names('shop', 'web-7d4b9c6f5d-x2x9z')

/** Energy between two seconds of ten o'clock. */
const used = (
  workload: MeasuredEnergy['workload'],
  [from, to, joules]: readonly [number, number, number],
  more: Partial<MeasuredEnergy> = {},
): MeasuredEnergy => ({ node: 'node-a', workload, from: atSecond(from), to: atSecond(to), joules, ...more })

const energy = [
  used(web, [0, 60, 3600]),
  used({ ...web, container: 'proxy' }, [0, 30, 360]),
  used(names('shop', 'db-0'), [0, 60, 36], { node: 'node-b', flags: ['reset', 'gap'] }),
  used(names('kube-system', 'etcd'), [0, 60, 7200], { node: 'node-b' }),
  used(undefined, [0, 60, 18]),
]
const measured = (zone: string, grams: number, seconds: readonly [number, number]) =>
  configured(zone, grams, {
    source: 'grid',
    method: { kind: 'measured' },
    rank: 20,
    valid: { from: atSecond(seconds[0]), to: atSecond(seconds[1]) },
  })
const facts = [
  measured('DE', 100, [-3600, 30]),
  measured('DE', 300, [30, 3600]),
  configured('FR', 20, { source: 'ember-annual', method: { kind: 'annual-average', year: 2025 } }),
  measured('PL', 600, [30, 60]),
]
const minute = 'from=2026-02-11T10:00Z&to=2026-02-11T10:01Z'

async function asked(server: FastifyInstance, query: string) {
  const answer = await server.inject(`/api/v1/emissions?${query}`)
  assert.equal(answer.statusCode, 200, answer.body)
  const body: unknown = answer.json()
  assert.ok(Value.Check(EmissionsReport, body), JSON.stringify([...Value.Errors(EmissionsReport, body)][0]))
  return roundedJson(answer.body)
}

describe('GET /api/v1/emissions', async () => {
  const server = await serveApi({ energy, facts })
  after(() => server.close())

  it('is the totals of the last hour at home, unless more is asked for', async () => {
    const answer = await asked(server, '')
    assert.deepEqual(answer, {
      from: '2026-02-11T09:01:00.000000+00:00',
      to: '2026-02-11T10:01:00.000000+00:00',
      step_s: null,
      as_of: '2026-02-11T10:01:00.000000+00:00',
      basis: 'lifecycle',
      signal: 'average',
      defaults: ['from', 'to', 'zone', 'as_of', 'basis', 'signal'],
      group_by: [],
      filters: {},
      coverage: 0.0166666666667,
      samples: 5,
      resolution_s: null,
      warnings: [],
      zones: [
        {
          zone: 'DE',
          name: 'Germany',
          // 10 854 / 2 + 360 J at 100 g/kWh and 10 854 / 2 J at 300; over 3.6e6 J/kWh.
          co2_g: 0.613,
          co2_g_low: 0.613,
          co2_g_high: 0.613,
          mean_intensity_g_per_kwh: 196.789727127,
          energy_without_intensity_j: 0,
          provenance: [{ intensity_source: 'grid', intensity_method: 'measured', energy_share: 1 }],
          worst_age_s: 3630,
        },
      ],
      total: { energy_j: 11_214, mean_power_w: 3.115, co2_g: { DE: 0.613 } },
      groups: [],
      group_count: 0,
      next: null,
    })
  })

  it('tells groups apart, with the energy that has no names yet', async () => {
    const { groups, group_by, group_count } = await asked(server, `${minute}&group_by=namespace`)
    assert.deepEqual(group_by, ['namespace'])
    assert.equal(group_count, 3)
    assert.deepEqual(
      groups.map(({ key, energy_j: joules }: { key: object; energy_j: number }) => [key, joules]),
      [
        [{ namespace: 'kube-system' }, 7200],
        [{ namespace: 'shop' }, 3996],
        [{ namespace: null }, 18],
      ],
    )
    assert.deepEqual(groups[1], {
      key: { namespace: 'shop' },
      energy_j: 3996,
      mean_power_w: 66.6,
      coverage: 1,
      flags: ['reset', 'gap'],
      co2_g: { DE: 0.212 },
      co2_g_low: { DE: 0.212 },
      co2_g_high: { DE: 0.212 },
      energy_without_intensity_j: { DE: 0 },
    })
  })

  it('names the owner of what it groups, and what that was derived from', async () => {
    const { groups, group_by } = await asked(server, `${minute}&group_by=workload&namespace=shop&sort=name`)
    assert.deepEqual(group_by, ['namespace', 'workload'])
    assert.deepEqual(
      groups.map(({ key, owner }: { key: object; owner: object }) => [key, owner]),
      [
        [
          { namespace: 'shop', workload: 'Deployment/web' },
          { kind: 'Deployment', name: 'web', derived_from: 'pod-name', labels: {} },
        ],
        [
          { namespace: 'shop', workload: 'StatefulSet/db' },
          { kind: 'StatefulSet', name: 'db', derived_from: 'pod-name', labels: {} },
        ],
      ],
    )
  })

  it('has series, with a step for each time, that add up to the totals', async () => {
    const { times, total, zones, groups, step_s } = await asked(
      server,
      `${minute}&step=30s&zone=DE&zone=PL&group_by=container&container=proxy`,
    )
    assert.equal(step_s, 30)
    assert.deepEqual(times, ['2026-02-11T10:00:00.000000+00:00', '2026-02-11T10:00:30.000000+00:00'])
    assert.deepEqual(zones[0].intensity_g_per_kwh, [100, 300])
    assert.deepEqual(zones[1].intensity_g_per_kwh, [null, 600])
    const series = { energy_j: [360, 0], mean_power_w: [12, 0], co2_g: { DE: [0.01, 0], PL: [null, 0] } }
    assert.deepEqual(total.series, series)
    assert.deepEqual(groups[0].series, series)
    assert.deepEqual(groups[0].key, { namespace: 'shop', pod: web.pod, container: 'proxy' })
    assert.equal(groups[0].coverage, 0.5)
  })

  it('gives the known part of the grams, and says for which energy none are known', async () => {
    const { zones, groups } = await asked(server, `${minute}&zone=PL,FR&group_by=node`)
    const [poland, france] = zones
    assert.equal(poland.energy_without_intensity_j, 5787)
    assert.equal(poland.co2_g, 0.9045)
    assert.equal(poland.mean_intensity_g_per_kwh, 600)
    assert.equal(poland.provenance[0].energy_share, Number((5427 / 11_214).toPrecision(12)))
    assert.deepEqual(france.provenance, [
      {
        intensity_source: 'ember-annual',
        intensity_method: 'annual-average',
        intensity_year: 2025,
        energy_share: 1,
      },
    ])
    assert.ok(france.co2_g_low < france.co2_g && france.co2_g < france.co2_g_high)
    const nodeB = groups.find(({ key }: { key: { node: string } }) => key.node === 'node-b')
    assert.deepEqual(nodeB.energy_without_intensity_j, { PL: 3618, FR: 0 })
    const { total } = await asked(server, 'from=2026-02-11T10:00Z&to=2026-02-11T10:00:30Z&zone=PL')
    assert.deepEqual(total.co2_g, { PL: null })
  })

  it('filters by every name, several at once', async () => {
    const joules = async (filter: string) => (await asked(server, `${minute}&${filter}`)).total.energy_j
    assert.equal(await joules('namespace=shop'), 3996)
    assert.equal(await joules('namespace=shop,kube-system'), 11_196)
    assert.equal(await joules('namespace=shop&namespace=kube-system&pod=etcd'), 7200)
    assert.equal(await joules('container=proxy'), 360)
    assert.equal(await joules('node=node-b'), 7236)
    assert.equal(await joules('workload=Deployment/web'), 3960)
    assert.equal(await joules('workload=db,web'), 3996)
    assert.equal(await joules('workload=StatefulSet/web'), 0)
    const { filters } = await asked(server, `${minute}&namespace=shop,web&workload=db`)
    assert.deepEqual(filters, { namespace: ['shop', 'web'], workload: ['db'] })
  })

  it('is cut into pages, and the next one is about the same time', async () => {
    const query = 'group_by=pod&limit=2&from=now-1m&sort=energy_j'
    const first = await asked(server, query)
    const podsOf = ({ groups }: { groups: { key: { pod: string } }[] }) => groups.map(({ key }) => key.pod)
    assert.deepEqual(podsOf(first), ['etcd', web.pod])
    assert.equal(first.group_count, 4)
    const second = await asked(server, `${query}&cursor=${first.next}`)
    assert.deepEqual(podsOf(second), ['db-0', null])
    assert.deepEqual([second.from, second.to, second.next], [first.from, first.to, null])
  })

  it('is as of a moment', async () => {
    const corrected = configured('DE', 500, {
      source: 'grid',
      method: { kind: 'measured' },
      valid: { from: atSecond(0), to: atSecond(60) },
      learnedAt: atSecond(50),
    })
    const restated = await serveApi({ energy, facts: [...facts, corrected] })
    const mean = async (query: string) =>
      (await asked(restated, `${minute}&pod=etcd${query}`)).zones[0].mean_intensity_g_per_kwh
    assert.equal(await mean(''), 500)
    assert.equal(await mean('&as_of=2026-02-11T10:00:49Z'), 200)
    await restated.close()
  })

  it('is streamed when it is long, and has the same shape', async () => {
    const many = Array.from({ length: 400 }, (_, at) => used(names('shop', `pod-${at}`), [0, 60, at + 1]))
    const long = await serveApi({ energy: many, facts })
    const answer = await long.inject(`/api/v1/emissions?${minute}&group_by=pod&limit=10000&step=1`)
    assert.equal(answer.statusCode, 200)
    assert.equal(answer.headers['content-length'], undefined)
    assert.ok(Value.Check(EmissionsReport, answer.json()))
    assert.equal(answer.json().groups.length, 400)
    await long.close()
  })

  const refused: readonly (readonly [query: string, error: RegExp])[] = [
    [
      'group_by=team',
      /^group_by is "team"; it must be one or several of namespace, workload, pod, container, node$/,
    ],
    ['group-by=pod', /^"group-by" is not understood; the parameters are from, to, namespace, .* format$/],
    ['from=yesterday', /^from is "yesterday"; it must be an ISO 8601 time/],
    ['from=now&to=now-1h', /^from is "now" and to is "now-1h"; from must be before to$/],
    ['from=2020-01-01', /^from and to are more than 366 days apart; ask for a shorter time$/],
    ['to=now&to=now', /^to is \["now","now"\]; to must be one time/],
    ['namespace=shop,', /^namespace is "shop,", in which a value is empty/],
    ['namespace=', /^namespace is ""; namespace must be a non-empty string$/],
    ['zone=QQ', /^zone is "QQ", which is no known country/],
    ['zone=JP', /^zone is "JP" \(Japan\), for which no carbon intensity is known/],
    ['step=0', /^step is "0"; it must be a whole number of seconds from 1 to 31622400/],
    [
      'step=1&from=now-30d',
      /^2592000 steps would be 7776000 numbers of a series, and 1000000 are given at most/,
    ],
    [
      'step=1&series_limit=100&from=now-1m',
      /^60 steps would be 180 numbers of a series, and 100 are given at most/,
    ],
    [
      `${minute}&step=1&series_limit=900&group_by=pod`,
      /would hold 960 numbers of series, and 900 .*; ask for limit=3, a longer/,
    ],
    ['series_limit=1000001', /^series_limit is "1000001"; it must be a whole number from 1 to 1000000$/],
    ['limit=10001', /^limit is "10001"; it must be a whole number from 1 to 10000$/],
    ['limit=-1', /^limit is "-1"; limit must be a whole number from 1 to 10000$/],
    ['sort=co2', /^sort is "co2"; sort must be co2_g, energy_j or name$/],
    ['format=xml', /^format is "xml"; format must be json, csv or parquet$/],
    ['basis=guessed', /^basis is "guessed"; basis must be lifecycle or direct$/],
    ['as_of=then', /^as_of is "then"; it must be an ISO 8601 time/],
    ['cursor=e30', /^cursor is "e30"; it must be what an answer gave as next$/],
    ['cursor=%00', /^cursor is "\\u0000"; it must be what an answer gave as next$/],
  ]
  for (const [query, error] of refused) {
    it(`is refused with the field, the value and what is accepted: ${query}`, async () => {
      const answer = await server.inject(`/api/v1/emissions?${query}`)
      assert.deepEqual([answer.statusCode, Object.keys(answer.json())], [400, ['error']], answer.body)
      assert.match(answer.json().error, error)
    })
  }

  it('is refused a cursor of another question, or of a time that is too long', async () => {
    const { next } = await asked(server, 'group_by=pod&limit=1')
    const other = await server.inject(`/api/v1/emissions?group_by=pod&limit=1&zone=FR&cursor=${next}`)
    assert.match(other.json().error, /^cursor is ".*, which belongs to another question/)
    const contents = JSON.parse(Buffer.from(next, 'base64url').toString())
    const forged = Buffer.from(JSON.stringify({ ...contents, from: 0 })).toString('base64url')
    const long = await server.inject(`/api/v1/emissions?group_by=pod&limit=1&cursor=${forged}`)
    assert.match(long.json().error, /more than 366 days apart/)
  })
})

describe('GET /api/v1/emissions that cannot be worked out', () => {
  const failing = async (ports: Parameters<typeof serveApi>[0]) => {
    const server = await serveApi(ports)
    const answer = await server.inject('/api/v1/emissions')
    await server.close()
    return [answer.statusCode, answer.json().error]
  }

  it('is 503 without its store, and 400 with what to do where it is too much', async () => {
    const failure = (error: Error) =>
      failing({
        ports: {
          async reportGroupEmissions() {
            throw error
          },
        },
      })
    assert.deepEqual(await failure(new StoreError('the database at db:5432 is away')), [
      503,
      'the database at db:5432 is away',
    ])
    assert.deepEqual(await failure(new TooMuchEnergyError(20)), [
      400,
      'the answer would have to read more than 20 measurements or sums of them; ask for a shorter time, a namespace or a node, or a step of whole hours',
    ])
    const [status, error] = await failing({
      ports: { reportGroupEmissions: async () => ({ kind: 'too-many-groups', most: 100_000 }) },
    })
    assert.equal(status, 400)
    assert.match(error, /^there are more than the 100000 groups .*; group by namespace, workload or node/)
    const [, numbers] = await failing({
      ports: { reportGroupEmissions: async () => ({ kind: 'too-many-numbers', most: 10_000_000 }) },
    })
    assert.match(numbers, /^all groups together have more than the 10000000 .*; ask for a longer step/)
  })
})

describe('a token that sees one namespace', async () => {
  const tokens = [
    {
      name: 'team',
      scope: 'read',
      view: { kind: 'only', namespaces: new Set(['shop']) },
      sha256: digestOf('secret'),
    },
  ] as const
  const server = await serveApi({ energy, facts, http: { access: { kind: 'tokens', tokens: () => tokens } } })
  after(() => server.close())
  const ask = (url: string) => server.inject({ url, headers: { authorization: 'Bearer secret' } })

  it('is answered about that alone, and says so', async () => {
    const { filters, total } = (await ask(`/api/v1/emissions?${minute}`)).json()
    assert.deepEqual([filters, total.energy_j], [{ namespace: ['shop'] }, 3996])
    assert.equal((await ask(`/api/v1/compare?${minute}`)).json().energy_j, 3996)
    const { work } = (await ask(`/api/v1/shift?${minute}&duration=1m`)).json()
    assert.equal(work.energy_j, 3996)
  })

  it('is refused the others', async () => {
    for (const route of ['emissions', 'compare', 'shift'])
      assert.equal((await ask(`/api/v1/${route}?namespace=kube-system`)).statusCode, 403)
  })
})
