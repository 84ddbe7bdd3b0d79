import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { stringify } from 'yaml'
import { readConfig } from '../../src/config.ts'
import { settings } from '../../src/settings.ts'
import { crossReferenceProblems, variablesIn } from './cross-references.ts'
import { problemsWithValues, renderChart, valuesWith } from './helm-chart.ts'
import { problemsWithTypes } from './kubernetes-types.ts'
import { renderKustomization } from './kustomize.ts'
import { podSecurityProblems } from './pod-security.ts'
import {
  listAt,
  nameOf,
  objectAt,
  parseYamlObjects,
  readYamlObjects,
  textAt,
  valueAt,
  type YamlObject,
} from './yaml-object.ts'

const chart = 'charts/co2-api'
const release = { name: 'co2-api', namespace: 'carbon' }

/** Values that take every branch of the templates. */
const valueSets: Readonly<Record<string, YamlObject>> = {
  'no values of one’s own': {},
  'a volume': {
    storage: { kind: 'volume', volume: { size: '20Gi', storageClassName: 'fast' } },
    settings: { COUNTRIES: 'DE,FR', RETENTION_DAYS: 30, LOG_LEVEL: 'debug' },
    service: { type: 'NodePort', port: 80 },
  },
  'a database': { storage: { kind: 'database', database: { secretName: 'co2-db-secret' } } },
  'shards, and everything that can be switched on': {
    shards: 3,
    storage: { kind: 'database' },
    browser: true,
    image: { repository: 'registry.example/co2-api', tag: '' },
    imagePullSecrets: [{ name: 'pull' }],
    apiTokens: { secretName: 'co2-api-tokens' },
    networkPolicy: { enabled: true },
    serviceMonitor: { enabled: true, labels: { release: 'prometheus' }, tokenSecretName: 'prometheus-token' },
    serviceAccount: { annotations: { a: 'b' } },
    podAnnotations: { c: 'd' },
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    tolerations: [{ key: 'e', operator: 'Exists' }],
    affinity: { nodeAffinity: {} },
    resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '2Gi' } },
  },
  'addresses of one’s own, and no rights': {
    kepler: { url: 'http://a:9102/metrics,http://b:9102/metrics' },
    rbac: { pods: false, endpoints: false },
    browser: true,
    networkPolicy: { enabled: true },
    serviceMonitor: { enabled: true },
  },
}

type Rendering = {
  readonly title: string
  readonly namespace: string
  readonly objects: readonly YamlObject[]
}

const overlays = globSync('k8s/overlays/*/kustomization.yaml').map((file) => path.dirname(file))

function namespaceOf(objects: readonly YamlObject[]): string {
  const made = objects.find((object) => textAt(object, 'kind') === 'Namespace')
  return textAt(made, 'metadata', 'name') || 'default'
}

const renderings: readonly Rendering[] = [
  { title: 'k8s/deployment.yaml', namespace: 'default', objects: readYamlObjects('k8s/deployment.yaml') },
  ...overlays.map((folder) => {
    const objects = renderKustomization(folder)
    return { title: folder, namespace: namespaceOf(objects), objects }
  }),
  ...Object.entries(valueSets).map(([title, values]) => ({
    title: `the chart with ${title}`,
    namespace: release.namespace,
    objects: renderChart(chart, values, release),
  })),
]

const podOf = (object: YamlObject) => objectAt(object, 'spec', 'template', 'spec')
const workloadIn = (objects: readonly YamlObject[]) =>
  objects.find((object) => ['Deployment', 'StatefulSet'].includes(textAt(object, 'kind')))
const objectIn = (objects: readonly YamlObject[], name: string) =>
  objects.find((object) => nameOf(object) === name)
/** The variables of the service, each as it is written, or as what it is read from. */
const environmentOf = (objects: readonly YamlObject[]) => {
  const workload = workloadIn(objects) ?? {}
  const entries = listAt(podOf(workload), 'containers').flatMap((container) => listAt(container, 'env'))
  return new Map(
    entries.map((entry) => [textAt(entry, 'name'), valueAt(entry, 'value') ?? objectAt(entry, 'valueFrom')]),
  )
}

describe('every manifest', () => {
  for (const { title, namespace, objects } of renderings) {
    it(`is what the Kubernetes API takes: ${title}`, () => {
      assert.ok(objects.length > 3)
      assert.deepEqual(objects.flatMap(problemsWithTypes), [])
    })

    it(`holds together: ${title}`, () => {
      assert.deepEqual(crossReferenceProblems(objects, namespace), [])
    })

    it(`runs restricted pods alone: ${title}`, () => {
      const pods = objects.filter((object) => 'template' in objectAt(object, 'spec')).map(podOf)
      assert.equal(pods.length, 1)
      assert.deepEqual(pods.flatMap(podSecurityProblems), [])
    })

    it(`asks for no right but to list and watch pods and endpoints: ${title}`, () => {
      const rules = objects.flatMap((object) => listAt(object, 'rules'))
      for (const rule of rules) {
        assert.deepEqual(listAt(rule, 'verbs'), ['list', 'watch'])
        assert.match(listAt(rule, 'resources').join(), /^(pods|endpointslices)$/)
      }
    })

    it(`sets variables that the service knows: ${title}`, () => {
      const known = new Set(Object.values(settings).map(({ name }) => name))
      for (const name of variablesIn(objects)) assert.ok(known.has(name), name)
    })

    it(`gives the service settings that it takes: ${title}`, () => {
      const texts = [...environmentOf(objects)].map(([name, value]) => [name, settingText(name, value)])
      const configMap = objects.find((object) => textAt(object, 'kind') === 'ConfigMap')
      const reading = readConfig({
        HOSTNAME: 'co2-api-0',
        ...textsIn(objectAt(configMap, 'data')),
        ...Object.fromEntries(texts),
      })
      assert.deepEqual(reading.kind === 'invalid' ? reading.problems : [], [])
    })

    it(`asks /healthz whether it lives and /readyz whether it may be asked: ${title}`, () => {
      for (const container of listAt(podOf(workloadIn(objects) ?? {}), 'containers')) {
        const paths = ['startupProbe', 'livenessProbe', 'readinessProbe'].map((probe) =>
          textAt(container, probe, 'httpGet', 'path'),
        )
        assert.deepEqual(paths, ['/healthz', '/healthz', '/readyz'])
      }
    })
  }
})

/** What the pod sees, with a secret in its place. */
function settingText(name: string, value: unknown): string {
  if (name === 'TSDB_DSN') return 'postgresql://user:password@db:5432/co2'
  return typeof value === 'string' ? value : ''
}

function textsIn(data: YamlObject): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(data).map((name) => [name, textAt(data, name)]))
}

describe('what callers of the predecessor rely on', () => {
  it('is in one file: the Deployment, the Service co2-api-service, the label, the secret', () => {
    const objects = readYamlObjects('k8s/deployment.yaml')
    const deployment = objectIn(objects, 'Deployment co2-api')
    const service = objectIn(objects, 'Service co2-api-service')
    assert.equal(textAt(deployment, 'spec', 'template', 'metadata', 'labels', 'app'), 'co2-api')
    assert.equal(textAt(service, 'spec', 'selector', 'app'), 'co2-api')
    const [container] = listAt(podOf(deployment ?? {}), 'containers')
    assert.equal(textAt(container, 'image'), 'your-repo/co2-api:latest')
    assert.deepEqual(environmentOf(objects).get('TSDB_DSN'), {
      secretKeyRef: { name: 'co2-db-secret', key: 'TSDB_DSN', optional: true },
    })
  })

  it('needs nothing that is not in that file', () => {
    const objects = readYamlObjects('k8s/deployment.yaml')
    const [container] = listAt(podOf(workloadIn(objects) ?? {}), 'containers')
    assert.equal(environmentOf(objects).has('MODE'), false)
    for (const source of listAt(container, 'envFrom')) {
      const isThere = objects.some(
        (object) => nameOf(object) === `ConfigMap ${textAt(source, 'configMapRef', 'name')}`,
      )
      assert.ok(isThere || valueAt(source, 'configMapRef', 'optional') === true)
    }
  })

  it('lets settings of one’s own come after those of the file', () => {
    const [container] = listAt(podOf(workloadIn(readYamlObjects('k8s/deployment.yaml')) ?? {}), 'containers')
    assert.deepEqual(
      listAt(container, 'envFrom').map((source) => textAt(source, 'configMapRef', 'name')),
      ['co2-api-defaults', 'co2-api-settings'],
    )
  })

  it('is what the overlays build on', () => {
    assert.equal(
      readFileSync('k8s/base/deployment.yaml', 'utf8'),
      readFileSync('k8s/deployment.yaml', 'utf8'),
      'copy k8s/deployment.yaml to k8s/base',
    )
  })
})

describe('an overlay', () => {
  const overlay = (name: string) => renderKustomization(`k8s/overlays/${name}`)

  it('with a database writes to it, and does not start without its secret', () => {
    const environment = environmentOf(overlay('database'))
    assert.equal(environment.get('MODE'), 'db')
    assert.deepEqual(environment.get('TSDB_DSN'), {
      secretKeyRef: { name: 'co2-db-secret', key: 'TSDB_DSN' },
    })
  })

  it('with shards has as many pods as SHARD counts, one of them away at most', () => {
    const objects = overlay('sharded')
    const replicas = valueAt(objectIn(objects, 'StatefulSet co2-api'), 'spec', 'replicas')
    const environment = environmentOf(objects)
    assert.equal(environment.get('SHARD'), `auto/${String(replicas)}`)
    assert.equal(valueAt(objectIn(objects, 'PodDisruptionBudget co2-api'), 'spec', 'maxUnavailable'), 1)
  })

  it('with a namespace of its own lets nothing but restricted pods into it', () => {
    const objects = overlay('own-namespace')
    const namespace = objectIn(objects, 'Namespace co2-api')
    assert.equal(textAt(namespace, 'metadata', 'labels', 'pod-security.kubernetes.io/enforce'), 'restricted')
    assert.equal(textAt(objectIn(objects, 'Role co2-api-endpoints'), 'metadata', 'namespace'), 'kepler')
  })

  for (const folder of ['k8s/base', ...overlays]) {
    const plain = renderKustomization(folder)
    for (const component of globSync('k8s/components/*')) {
      it(`takes components: ${folder} with ${component}`, async () => {
        const objects = await withComponent(folder, component)
        if (objects.length === plain.length && isDeepStrictEqual(objects, plain))
          assert.fail('nothing has changed')
        assert.deepEqual(objects.flatMap(problemsWithTypes), [])
        assert.deepEqual(podSecurityProblems(podOf(workloadIn(objects) ?? {})), [])
        // What is in an overlay already is there twice now, as Kustomize would say.
        const twice = crossReferenceProblems(objects, namespaceOf(objects)).filter(
          (problem) => !problem.startsWith('an object is there twice'),
        )
        assert.deepEqual(twice, [])
      })
    }
  }
})

/** What somebody gets who writes a kustomization of his own over ours. */
async function withComponent(folder: string, component: string): Promise<readonly YamlObject[]> {
  const own = await mkdtemp(path.join(os.tmpdir(), 'co2-api-overlay-'))
  try {
    const resources = [path.relative(own, folder)]
    const components = [path.relative(own, component)]
    await writeFile(
      path.join(own, 'kustomization.yaml'),
      stringify({ kind: 'Kustomization', resources, components }),
    )
    return renderKustomization(own)
  } finally {
    await rm(own, { recursive: true })
  }
}

describe('docs/kubernetes.md', () => {
  const page = readFileSync('docs/kubernetes.md', 'utf8')

  it('tells of every overlay and of every component, and of none that there is not', () => {
    const names = (pattern: string) => globSync(pattern).map((folder) => path.basename(folder))
    for (const name of [...names('k8s/overlays/*'), ...names('k8s/components/*')])
      assert.ok(page.includes(`\`${name}\``), name)
    for (const [named] of page.matchAll(/k8s\/(?:overlays|components)\/[a-z-]+/g))
      assert.ok(existsSync(named), named)
  })

  it('names the ports, secrets and objects that there are', () => {
    const manifest = readFileSync('k8s/deployment.yaml', 'utf8')
    for (const name of [
      'co2-api-service',
      'co2-api-defaults',
      'co2-api-settings',
      'co2-db-secret',
      'TSDB_DSN',
      '5001',
    ])
      assert.ok(page.includes(name) && manifest.includes(name), name)
  })
})

describe('the chart', () => {
  it('does not make a ServiceMonitor that would be refused', () => {
    const values = { apiTokens: { secretName: 'co2-api-tokens' }, serviceMonitor: { enabled: true } }
    assert.throws(() => renderChart(chart, values, release), /workload\.yaml cannot be rendered/)
  })
})

describe('the values of the chart', () => {
  const problems = (own: YamlObject) => problemsWithValues(chart, valuesWith(chart, own))

  it('are valid as they are shipped, and each of them is in the schema', () => {
    assert.deepEqual(problems({}), [])
    const [values = {}] = readYamlObjects(`${chart}/values.yaml`)
    const schema: unknown = JSON.parse(readFileSync(`${chart}/values.schema.json`, 'utf8'))
    const inSchema = Object.keys(objectAt(schema, 'properties')).filter((name) => name !== 'global')
    assert.deepEqual(Object.keys(values).toSorted(), inSchema.toSorted())
  })

  for (const [what, own] of [
    ['a name that is misspelt', { replicas: 3 }],
    ['a name that is misspelt further in', { image: { repo: 'x' } }],
    ['a kind of storage that there is not', { storage: { kind: 'postgres' } }],
    ['shards without a database', { shards: 2 }],
    ['a number of shards that is none', { shards: '2' }],
    ['a setting that another value makes', { settings: { MODE: 'db' } }],
    ['a setting that is no variable', { settings: { countries: 'DE' } }],
    ['an amount that is none', { resources: { limits: { memory: 'lots' } } }],
  ] as const) {
    it(`are refused for ${what}`, () => {
      assert.notDeepEqual(problems(own), [])
    })
  }
})

const helm = process.env['HELM'] ?? 'helm'
const hasHelm = spawnSync(helm, ['version']).status === 0

describe('helm template', { skip: hasHelm ? false : 'helm is not installed' }, () => {
  for (const [title, values] of Object.entries(valueSets)) {
    it(`makes the same of the chart as we do, with ${title}`, () => {
      const { status, stdout, stderr } = spawnSync(
        helm,
        [
          'template',
          release.name,
          chart,
          '--namespace',
          release.namespace,
          '--kube-version',
          '1.32.0',
          '--values',
          '-',
        ],
        { input: stringify(values), encoding: 'utf8' },
      )
      assert.equal(status, 0, stderr)
      const byName = (objects: readonly YamlObject[]) =>
        new Map(objects.map((object) => [nameOf(object), object]))
      assert.deepEqual(byName(parseYamlObjects(stdout, 'helm')), byName(renderChart(chart, values, release)))
    })
  }
})
