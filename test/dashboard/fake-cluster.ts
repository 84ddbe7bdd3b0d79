/** A cluster as a dashboard may meet it, made up and the same at each run. */
export type FakeContainer = {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly node: string
  readonly workload: string
  readonly ownerKind: string
  /** Watts at a moment, in milliseconds since 1970. */
  watts(at: number): number
}

export type FakeZone = {
  readonly zone: string
  readonly name: string
  readonly method: 'measured' | 'estimated' | 'annual-average'
  readonly source: string
  /** Grams per kWh at a moment. */
  intensity(at: number): number
  readonly hasForecast: boolean
}

const hour = 3_600_000

/** From 0 to 1, the same for the same text. */
function steady(text: string): number {
  let hash = 2_166_136_261
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619)
  return ((hash >>> 0) % 100_000) / 100_000
}

const workloads = [
  ['shop', 'Deployment', 'shop-web', 6, 18, ['app', 'proxy']],
  ['shop', 'Deployment', 'checkout', 3, 11, ['app', 'proxy']],
  ['shop', 'StatefulSet', 'postgres', 2, 34, ['postgres']],
  ['shop', 'Deployment', 'recommendations', 3, 27, ['model']],
  ['search', 'StatefulSet', 'index', 3, 41, ['opensearch']],
  ['search', 'Deployment', 'query', 4, 9, ['app']],
  ['ml-training', 'Job', 'retrain-2026-02', 4, 128, ['trainer']],
  ['payments', 'Deployment', 'ledger', 3, 7, ['app', 'proxy']],
  ['payments', 'Deployment', 'fraud', 2, 16, ['app']],
  ['monitoring', 'StatefulSet', 'prometheus', 1, 22, ['prometheus']],
  ['monitoring', 'DaemonSet', 'node-exporter', 5, 0.4, ['exporter']],
  ['monitoring', 'Deployment', 'grafana', 1, 2.1, ['grafana']],
  ['kube-system', 'DaemonSet', 'cilium', 5, 3.2, ['agent']],
  ['kube-system', 'Deployment', 'coredns', 2, 0.9, ['coredns']],
  ['ci', 'Job', 'build-4711', 2, 46, ['builder']],
  ['ingress', 'Deployment', 'gateway', 2, 5.5, ['envoy']],
  ['docs', 'Deployment', 'site', 1, 0.3, ['nginx']],
] as const

export const fakeNodes = ['worker-1', 'worker-2', 'worker-3', 'worker-4', 'worker-5'] as const

/** The containers of a middling cluster, or so many more of the same kind. */
export function fakeContainers(atLeast = 0): readonly FakeContainer[] {
  const all: FakeContainer[] = []
  for (let round = 0; round === 0 || all.length < atLeast; round += 1) {
    for (const [namespace, ownerKind, name, replicas, watts, containers] of workloads) {
      const team = round === 0 ? namespace : `${namespace}-${round}`
      for (let replica = 0; replica < replicas; replica += 1) {
        const pod =
          ownerKind === 'StatefulSet'
            ? `${name}-${replica}`
            : `${name}-${hexOf(`${team}${name}`, 10)}-${hexOf(`${team}${name}${replica}`, 5)}`
        for (const [at, container] of containers.entries()) {
          const work = {
            phase: steady(`${team}/${pod}/${container}`),
            watts: at === 0 ? watts : watts / 8,
            isBatch: ownerKind === 'Job',
          }
          all.push({
            namespace: team,
            pod,
            container,
            node: fakeNodes[Math.floor(steady(pod + team) * fakeNodes.length)] ?? 'worker-1',
            workload: `${ownerKind}/${name}`,
            ownerKind,
            watts: (time) => wattsAt(time, work),
          })
        }
      }
    }
  }
  return atLeast === 0 ? all : all.slice(0, atLeast)
}

function hexOf(text: string, length: number): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789'
  return Array.from({ length }, (_, at) => letters[Math.floor(steady(`${text}${at}`) * letters.length)]).join(
    '',
  )
}

type Work = { readonly phase: number; readonly watts: number; readonly isBatch: boolean }

function wattsAt(at: number, { phase, watts, isBatch }: Work): number {
  const dayAndNight = 1 + 0.45 * Math.sin((((at / hour) % 24) / 24 - 0.4) * 2 * Math.PI)
  const wave = 1 + 0.14 * Math.sin(at / 420_000 + phase * 40) + 0.08 * Math.sin(at / 97_000 + phase * 90)
  const noise =
    0.94 + 0.12 * ((Math.abs(Math.sin(Math.floor(at / 30_000) * 12.9898 + phase * 78.233)) * 43_758.5453) % 1)
  const batch = isBatch ? (Math.sin(at / 3_180_000 + phase) > -0.3 ? 1.1 : 0.05) : dayAndNight
  return watts * (0.7 + 0.6 * phase) * batch * wave * noise
}

/** Zone, name, mean g/kWh, swing, how it is known, from whom. */
const zoneRows = [
  ['DE', 'Germany', 341, 110, 'measured', 'energy-charts', true],
  ['FR', 'France', 31, 9, 'measured', 'rte-eco2mix', true],
  ['PL', 'Poland', 612, 60, 'estimated', 'entsoe', false],
  ['SE', 'Sweden', 24, 0, 'annual-average', 'ember-annual', false],
  ['NO', 'Norway', 28, 0, 'annual-average', 'ember-annual', false],
  ['GB', 'United Kingdom', 168, 55, 'measured', 'neso', true],
  ['ES', 'Spain', 142, 40, 'estimated', 'entsoe', false],
  ['DK', 'Denmark', 118, 50, 'measured', 'energinet', true],
  ['US', 'United States', 384, 0, 'annual-average', 'ember-annual', false],
  ['IE', 'Ireland', 286, 70, 'measured', 'eirgrid', false],
  ['BE', 'Belgium', 128, 30, 'measured', 'elia', false],
] as const
const annual =
  'AT Austria 96,CH Switzerland 34,CZ Czechia 402,NL Netherlands 254,IT Italy 288,PT Portugal 98,FI Finland 72,GR Greece 320,HU Hungary 182,RO Romania 246,BG Bulgaria 372,SK Slovakia 102,SI Slovenia 222,HR Croatia 178,EE Estonia 338,LV Latvia 122,LT Lithuania 142,IS Iceland 28,RS Serbia 654,UA Ukraine 247,TR Türkiye 464,MA Morocco 616,EG Egypt 573,ZA South Africa 707,KE Kenya 91,NG Nigeria 509,GH Ghana 441,ET Ethiopia 24,IN India 708,CN China 560,JP Japan 482,KR South Korea 431,TW Taiwan 642,ID Indonesia 682,VN Viet Nam 472,TH Thailand 549,MY Malaysia 605,PH Philippines 613,SG Singapore 499,AU Australia 552,NZ New Zealand 110,CA Canada 175,MX Mexico 492,BR Brazil 103,AR Argentina 353,CL Chile 265,CO Colombia 285,PE Peru 256,UY Uruguay 107,PY Paraguay 25,CR Costa Rica 52,SA Saudi Arabia 696,AE United Arab Emirates 492,IL Israel 567,IQ Iraq 688,IR Iran 642,KZ Kazakhstan 801,UZ Uzbekistan 1121,MN Mongolia 784,PK Pakistan 300,BD Bangladesh 678,LK Sri Lanka 509,NP Nepal 24,BW Botswana 849,ZM Zambia 111,MZ Mozambique 126,TZ Tanzania 366,UG Uganda 57,CD Congo-Kinshasa 27,AO Angola 168,CY Cyprus 534,MT Malta 459,LU Luxembourg 130,XK Kosovo 958'

function jump(at: number, zone: string): number {
  const quarter = Math.floor(at / (15 * 60_000))
  return steady(`${zone}${quarter}`) - 0.5
}

export const fakeZones: readonly FakeZone[] = [
  ...zoneRows.map(
    ([zone, name, mean, swing, method, source, hasForecast]): FakeZone => ({
      zone,
      name,
      method,
      source,
      hasForecast,
      intensity: (at) => {
        if (swing === 0) return mean
        const hourOfDay = (at / hour) % 24
        const sun = Math.max(0, Math.sin(((hourOfDay - 6) / 12) * Math.PI))
        return Math.round(10 * (mean + swing * (0.45 - sun) + swing * 0.12 * jump(at, zone))) / 10
      },
    }),
  ),
  ...annual.split(',').map((row): FakeZone => {
    const [, zone = '', name = '', mean = ''] = /^(\w\w) (.*) (\d+)$/.exec(row) ?? []
    return {
      zone,
      name,
      method: 'annual-average',
      source: 'ember-annual',
      hasForecast: false,
      intensity: () => Number(mean),
    }
  }),
]
