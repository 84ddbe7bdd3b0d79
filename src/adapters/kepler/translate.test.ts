import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { rowsOf } from '../../../test/counter-readings.ts'
import { instant } from '../../units.ts'
import { isKeplerEnergyName, recogniseKeplerSeries } from './kepler-series.ts'
import { type ShownSeries, scrapeOf, translate } from './translate.ts'
import type { ZoneChoice } from './zones.ts'

type KeplerValue = { readonly shown: ShownSeries; readonly value: number }

type Labels = Readonly<Record<string, string>>

function value(name: string, labels: Labels, joules: number): KeplerValue {
  const series = recogniseKeplerSeries(name, new Map(Object.entries(labels)))
  assert.ok(isKeplerEnergyName(name), `${name} is wanted`)
  assert.ok(series !== undefined, `${name} is recognised`)
  return { shown: { series, counter: undefined }, value: joules }
}

const container = (joules: number, labels: Labels = {}) =>
  value(
    'kepler_container_cpu_joules_total',
    {
      container_id: 'c1',
      container_name: 'app',
      pod_id: 'p1',
      zone: 'package',
      node_name: 'n1',
      state: 'running',
      ...labels,
    },
    joules,
  )
const pod = (joules: number, labels: Labels = {}) =>
  value(
    'kepler_pod_cpu_joules_total',
    {
      pod_id: 'p1',
      pod_name: 'web-1',
      pod_namespace: 'shop',
      zone: 'package',
      node_name: 'n1',
      state: 'running',
      ...labels,
    },
    joules,
  )
const legacy = (joules: number, labels: Labels = {}, name = 'kepler_container_joules_total') =>
  value(
    name,
    {
      container_id: 'c1',
      container_name: 'app',
      pod_name: 'web-1',
      container_namespace: 'shop',
      mode: 'dynamic',
      ...labels,
    },
    joules,
  )

function translated(values: readonly KeplerValue[], zoneChoices = new Map<string, ZoneChoice>()) {
  const shown = values.map((value) => value.shown)
  return translate(shown, { standInNode: 'http://target', zoneChoices })
}

/** The scrapes that the values make, their readings as rows. */
function scrapesOf(values: readonly KeplerValue[], zoneChoices?: Map<string, ZoneChoice>) {
  const translation = translated(values, zoneChoices)
  assert.equal(translation.kind, 'nodes')
  const numbers = Float64Array.from(values, ({ value }) => value)
  const scrapes = translation.nodes.map((node) => {
    const scrape = scrapeOf(node, numbers, { at: instant(1000), unreadLines: 0 })
    return { ...scrape, readings: rowsOf(scrape.readings) }
  })
  return { ...translation, scrapes }
}

const web = { kind: 'named', workload: { namespace: 'shop', pod: 'web-1', container: 'app' } }

describe('current Kepler', () => {
  it('names a container by the pod of the same scrape', () => {
    const { dialect, scrapes } = scrapesOf([container(3), pod(5)])
    assert.equal(dialect, 'current')
    assert.deepEqual(scrapes, [
      {
        node: 'n1',
        at: 1000,
        basis: 'current/container/package',
        level: 'container',
        readings: [
          {
            containerId: 'c1',
            component: 'package',
            mode: 'dynamic',
            state: 'running',
            naming: web,
            joules: 3,
          },
        ],
        nodeReadings: [],
        unreadLines: 0,
      },
    ])
  })

  it('leaves a container without a name while its pod is unknown', () => {
    const unmet = container(3, { pod_id: '', container_name: 'web-1' })
    const pause = container(0, { container_id: 'c2', container_name: '' })
    const { scrapes } = scrapesOf([unmet, pause, pod(5)])
    assert.deepEqual(
      scrapes[0]?.readings.map(({ naming }) => naming),
      [{ kind: 'unnamed' }, { kind: 'unnamed' }],
    )
  })

  it('sums package and dram and the accelerators, never the parts of package', () => {
    const { scrapes } = scrapesOf([
      container(3),
      container(2, { zone: 'core' }),
      container(1, { zone: 'dram' }),
      value(
        'kepler_container_gpu_joules_total',
        { container_id: 'c1', container_name: 'app', pod_id: 'p1', node_name: 'n1' },
        50,
      ),
      pod(5),
    ])
    assert.deepEqual(
      scrapes[0]?.readings.map(({ component, joules }) => [component, joules]),
      [
        ['package', 3],
        ['dram', 1],
        ['gpu', 50],
      ],
    )
    assert.equal(scrapes[0]?.basis, 'current/container/dram+package')
  })

  it('holds on to the zones that were chosen first, as long as they are there', () => {
    const choices = new Map<string, ZoneChoice>()
    scrapesOf([container(3)], choices)
    const withDram = scrapesOf([container(3), container(1, { zone: 'dram' })], choices)
    assert.equal(withDram.scrapes[0]?.basis, 'current/container/package')
    const withoutPackage = scrapesOf([container(1, { zone: 'psys' })], choices)
    assert.equal(withoutPackage.scrapes[0]?.basis, 'current/container/psys')
  })

  it('marks the last value of a container that ended', () => {
    const { scrapes } = scrapesOf([container(3, { state: 'terminated' }), pod(5)])
    assert.equal(scrapes[0]?.readings[0]?.state, 'terminated')
  })

  it('counts pods where there are no containers, and says so', () => {
    const { scrapes, notes } = scrapesOf([pod(5), pod(7, { pod_id: '', pod_name: 'odd' })])
    assert.equal(scrapes[0]?.level, 'pod')
    assert.deepEqual(
      scrapes[0]?.readings.map(({ containerId, naming, joules }) => [
        containerId,
        naming.kind === 'named' && naming.workload,
        joules,
      ]),
      [
        ['p1', { namespace: 'shop', pod: 'web-1', container: '*' }, 5],
        ['["shop","odd"]', { namespace: 'shop', pod: 'odd', container: '*' }, 7],
      ],
    )
    assert.match(notes.join(), /per pod/)
  })

  it('says when containers cannot be named, or nothing can be attributed', () => {
    assert.match(scrapesOf([container(3)]).notes.join(), /neither pod nor namespace/)
    const active = value(
      'kepler_node_cpu_active_joules_total',
      { zone: 'package', node_name: 'n1', path: '/a' },
      9,
    )
    const { notes, scrapes } = scrapesOf([active])
    assert.match(notes.join(), /nothing to attribute/)
    assert.deepEqual(scrapes[0]?.nodeReadings, [{ component: 'package /a', kind: 'active', joules: 9 }])
  })

  it('takes the node’s idle energy from the chosen zones', () => {
    const idle = (zone: string, joules: number) =>
      value('kepler_node_cpu_idle_joules_total', { zone, node_name: 'n1', path: '/a' }, joules)
    const { scrapes } = scrapesOf([container(3), idle('package', 40), idle('core', 30)])
    assert.deepEqual(scrapes[0]?.nodeReadings, [{ component: 'package /a', kind: 'idle', joules: 40 }])
  })

  it('keeps the nodes of a gathered exposition apart', () => {
    const { scrapes } = scrapesOf([container(3), container(4, { node_name: 'n2' }), pod(5)])
    assert.deepEqual(
      scrapes.map(({ node, readings }) => [node, readings.length]),
      [
        ['n1', 1],
        ['n2', 1],
      ],
    )
  })

  it('goes by its target where the node’s name is empty', () => {
    assert.equal(scrapesOf([container(3, { node_name: '' })]).scrapes[0]?.node, 'http://target')
  })

  it('makes an identity of the names where the id is empty', () => {
    const { scrapes } = scrapesOf([container(3, { container_id: '' }), pod(5)])
    assert.equal(scrapes[0]?.readings[0]?.containerId, '["p1","app"]')
  })

  it('comes before legacy series in the same answer, and says so', () => {
    const { dialect, notes } = scrapesOf([legacy(1), container(3), pod(5)])
    assert.equal(dialect, 'current')
    assert.match(notes.join(), /Both Kepler dialects/)
  })
})

describe('legacy Kepler', () => {
  const nodePart = (joules: number, labels: Labels = {}) =>
    value(
      'kepler_node_package_joules_total',
      { instance: 'n9', package: '0', mode: 'dynamic', ...labels },
      joules,
    )

  it('is read from the total alone, dynamic and idle apart', () => {
    const { dialect, scrapes } = scrapesOf([
      legacy(9),
      legacy(4, { mode: 'idle' }),
      legacy(8, {}, 'kepler_container_package_joules_total'),
      nodePart(70),
      nodePart(30, { mode: 'idle', package: '1' }),
    ])
    assert.equal(dialect, 'legacy')
    assert.deepEqual(scrapes, [
      {
        node: 'n9',
        at: 1000,
        basis: 'legacy/container/total',
        level: 'container',
        readings: [
          {
            containerId: 'c1',
            component: 'total',
            mode: 'dynamic',
            state: 'running',
            naming: web,
            joules: 9,
          },
          { containerId: 'c1', component: 'total', mode: 'idle', state: 'running', naming: web, joules: 4 },
        ],
        nodeReadings: [
          { component: 'package 0', kind: 'active', joules: 70 },
          { component: 'package 1', kind: 'idle', joules: 30 },
        ],
        unreadLines: 0,
      },
    ])
  })

  it('is summed from its parts where there is no total', () => {
    const part = (name: string, joules: number) => legacy(joules, {}, `kepler_container_${name}_joules_total`)
    const { scrapes } = scrapesOf([
      part('package', 8),
      part('dram', 2),
      part('other_host_components', 1),
      part('gpu', 5),
    ])
    assert.deepEqual(
      scrapes[0]?.readings.map(({ component, joules }) => [component, joules]),
      [
        ['package', 8],
        ['dram', 2],
        ['other', 1],
        ['gpu', 5],
      ],
    )
    assert.equal(scrapes[0]?.basis, 'legacy/container/package+dram+other+gpu')
  })

  it('of version 0.7.3 counts in millijoules', () => {
    const build = (version: string) => value('kepler_exporter_build_info', { version }, 1)
    const joulesOf = (version: string) =>
      scrapesOf([build(version), legacy(5000)]).scrapes[0]?.readings[0]?.joules
    assert.equal(joulesOf('v0.7.3'), 5)
    assert.equal(joulesOf('0.7.3-1-gabc'), 5)
    assert.equal(joulesOf('v0.7.30'), 5000)
    assert.equal(joulesOf('v0.9.0'), 5000)
  })

  it('has no mode in its first versions: all of it is dynamic', () => {
    assert.equal(scrapesOf([legacy(5, { mode: '' })]).scrapes[0]?.readings[0]?.mode, 'dynamic')
  })

  it('gives a container that it has not met the system’s names for the time being', () => {
    const system = {
      container_name: 'system_processes',
      pod_name: 'system_processes',
      container_namespace: 'system',
    }
    const kindOf = (labels: Labels) =>
      scrapesOf([legacy(1, { ...system, ...labels })]).scrapes[0]?.readings[0]?.naming.kind
    assert.equal(kindOf({ container_id: 'c7' }), 'provisional')
    assert.equal(kindOf({ container_id: 'system_processes' }), 'named')
    assert.equal(kindOf({ container_id: '' }), 'named')
  })

  it('leaves a series without pod or container name unnamed', () => {
    assert.equal(scrapesOf([legacy(1, { pod_name: '' })]).scrapes[0]?.readings[0]?.naming.kind, 'unnamed')
    assert.equal(
      scrapesOf([legacy(1, { container_name: '' })]).scrapes[0]?.readings[0]?.naming.kind,
      'unnamed',
    )
  })

  it('makes an identity of the names and the command where the id is empty', () => {
    const { scrapes } = scrapesOf([legacy(1, { container_id: '', command: 'nginx' })])
    assert.equal(scrapes[0]?.readings[0]?.containerId, '["","shop","web-1","app","nginx"]')
  })

  it('goes by its target where no node series tells the node', () => {
    assert.equal(scrapesOf([legacy(1)]).scrapes[0]?.node, 'http://target')
  })
})

describe('an answer without energy counters', () => {
  it('is no scrape', () => {
    assert.deepEqual(translated([value('kepler_build_info', { version: '' }, 1)]), {
      kind: 'no-power-families',
    })
  })

  it('is what other metrics are, whatever they are called', () => {
    for (const name of [
      'kepler_container_cpu_watts',
      'kepler_node_cpu_joules_total',
      'kepler_container_core_joules_total',
      'go_info',
    ]) {
      assert.equal(recogniseKeplerSeries(name, new Map()), undefined)
    }
    assert.equal(isKeplerEnergyName('kepler_container_cpu_watts'), false)
    assert.equal(isKeplerEnergyName('kepler_container_core_joules_total'), false)
    assert.equal(isKeplerEnergyName('process_cpu_seconds_total'), false)
  })
})
