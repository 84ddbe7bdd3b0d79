import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { problemsWithTypes } from './kubernetes-types.ts'
import { parseYamlObjects } from './yaml-object.ts'

const deployment = (container: string, spec = '') =>
  parseYamlObjects(
    `
apiVersion: apps/v1
kind: Deployment
metadata: { name: a, labels: { any.thing/goes: here } }
spec:
  selector: { matchLabels: { app: a } }
  template:
    metadata: { labels: { app: a } }
    spec:
      ${spec}
      containers:
        - ${container}
`,
    'a test',
  ).flatMap(problemsWithTypes)

describe('an object of Kubernetes', () => {
  it('is taken when each of its fields is one of the API’s', () => {
    assert.deepEqual(deployment('{ name: a, image: b, env: [{ name: C, value: "1" }] }'), [])
    const full = [
      'name: a',
      'resources: { limits: { memory: 1Gi } }',
      'ports: [{ containerPort: 1, name: http }]',
      'livenessProbe: { httpGet: { path: /, port: http } }',
      'securityContext: { capabilities: { drop: [ALL] } }',
    ]
    assert.deepEqual(deployment(`{ ${full.join(', ')} }`), [])
  })

  it('is refused for a field that the API does not know, wherever it stands', () => {
    assert.deepEqual(deployment('{ name: a, imagPullPolicy: Always }'), [
      'Deployment a: /spec/template/spec/containers/0/imagPullPolicy is no field of it',
    ])
    assert.deepEqual(deployment('{ name: a, livenessProbe: { httpGet: { port: 1, pth: / } } }'), [
      'Deployment a: /spec/template/spec/containers/0/livenessProbe/httpGet/pth is no field of it',
    ])
    assert.deepEqual(deployment('{ name: a }', 'runAsNonRoot: true'), [
      'Deployment a: /spec/template/spec/runAsNonRoot is no field of it',
    ])
  })

  it('is refused for a value of another type, and for one that is missing', () => {
    assert.match(
      String(deployment('{ name: a, env: [{ name: C, value: 1 }] }')),
      /env\/0\/value must be string/,
    )
    assert.match(String(deployment('{ image: b }')), /containers\/0 must have required property name/)
    assert.match(String(deployment('{ name: a, ports: [{ containerPort: http }] }')), /containerPort must be/)
  })

  it('is refused when its kind or its version is unknown', () => {
    const [unknown] = parseYamlObjects(
      '{ apiVersion: apps/v1beta1, kind: Deployment, metadata: { name: a } }',
      'a test',
    )
    assert.ok(unknown !== undefined)
    assert.match(String(problemsWithTypes(unknown)), /apps\/v1beta1 has no such kind/)
  })
})

describe('a ServiceMonitor', () => {
  const monitor = (endpoint: string) =>
    parseYamlObjects(
      `{ apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, metadata: { name: a }, spec: {
        selector: { matchLabels: { app: a } }, endpoints: [${endpoint}] } }`,
      'a test',
    ).flatMap(problemsWithTypes)

  it('is held against the fields of its definition that we use', () => {
    assert.deepEqual(monitor('{ port: http, path: /metrics, interval: 30s, honorLabels: true }'), [])
    assert.equal(
      monitor('{ port: http, path: /metrics, interval: 30s, honourLabels: true }').length > 0,
      true,
    )
    assert.equal(monitor('{ port: http, path: metrics, interval: 30s, honorLabels: true }').length > 0, true)
  })
})
