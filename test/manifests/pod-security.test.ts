import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { podSecurityProblems } from './pod-security.ts'
import { listAt, objectAt, readYamlObjects, textAt, type YamlObject } from './yaml-object.ts'

const deployment = readYamlObjects('k8s/deployment.yaml').find(
  (object) => textAt(object, 'kind') === 'Deployment',
)
const pod = objectAt(deployment, 'spec', 'template', 'spec')
const container = objectAt({ container: listAt(pod, 'containers')[0] }, 'container')

const withPod = (fields: YamlObject): YamlObject => ({ ...pod, ...fields })
const withSecurity = (fields: YamlObject): YamlObject =>
  withPod({
    containers: [{ ...container, securityContext: { ...objectAt(container, 'securityContext'), ...fields } }],
  })

describe('a restricted pod', () => {
  it('is what we ship', () => {
    assert.deepEqual(podSecurityProblems(pod), [])
  })

  for (const [what, changed] of [
    ['shares the node’s network', withPod({ hostNetwork: true })],
    ['sees the node’s processes', withPod({ hostPID: true })],
    ['mounts a folder of the node', withPod({ volumes: [{ name: 'a', hostPath: { path: '/' } }] })],
    ['has a volume without a bound', withPod({ volumes: [{ name: 'a', emptyDir: {} }] })],
    [
      'may run as root',
      withPod({ securityContext: { seccompProfile: { type: 'RuntimeDefault' }, runAsUser: 1 } }),
    ],
    ['runs as user 0', withSecurity({ runAsUser: 0 })],
    ['has no seccomp profile', withPod({ securityContext: { runAsNonRoot: true, runAsUser: 1 } })],
    ['may make any system call', withSecurity({ seccompProfile: { type: 'Unconfined' } })],
    ['may gain privileges', withSecurity({ allowPrivilegeEscalation: true })],
    ['is privileged', withSecurity({ privileged: true })],
    ['keeps capabilities', withSecurity({ capabilities: { drop: ['NET_RAW'] } })],
    ['adds a capability', withSecurity({ capabilities: { drop: ['ALL'], add: ['SYS_PTRACE'] } })],
    ['can write to its own files', withSecurity({ readOnlyRootFilesystem: false })],
    ['has no limit of memory', withPod({ containers: [{ ...container, resources: {} }] })],
    ['takes a port of the node', withPod({ containers: [{ ...container, ports: [{ hostPort: 1 }] }] })],
    ['has an init container that is not restricted', withPod({ initContainers: [{ name: 'a' }] })],
    ['does not say whether it has the account’s token', withPod({ automountServiceAccountToken: undefined })],
  ] as const) {
    it(`is none that ${what}`, () => {
      assert.notDeepEqual(podSecurityProblems(changed), [])
    })
  }
})
