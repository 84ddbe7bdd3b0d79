import { isObject, listAt, objectAt, textAt, valueAt, type YamlObject } from './yaml-object.ts'

const volumeKinds = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
])
const hostSettings = ['hostNetwork', 'hostPID', 'hostIPC']

/**
 * What the Kubernetes Pod Security Standard "restricted" forbids of a pod, a sentence each; and what we ask on top: that
 * nothing can be written but volumes, that memory is bounded, and that the account's token is there on purpose.
 * Source: kubernetes.io, "Pod Security Standards", v1.32, read 2026-11-24.
 */
export function podSecurityProblems(pod: YamlObject): readonly string[] {
  const problems: string[] = []
  const demand = (isMet: boolean, sentence: string) => {
    if (!isMet) problems.push(sentence)
  }

  for (const setting of hostSettings)
    demand(pod[setting] === undefined || pod[setting] === false, `${setting} is set`)
  demand(typeof pod['automountServiceAccountToken'] === 'boolean', 'automountServiceAccountToken is not said')
  for (const volume of listAt(pod, 'volumes').filter(isObject)) {
    const kinds = Object.keys(volume).filter((key) => key !== 'name')
    demand(
      kinds.every((kind) => volumeKinds.has(kind)),
      `the volume ${textAt(volume, 'name')} is a ${kinds.join()}`,
    )
    demand(
      !('emptyDir' in volume) || valueAt(volume, 'emptyDir', 'sizeLimit') !== undefined,
      `the volume ${textAt(volume, 'name')} has no bound`,
    )
  }

  const ofPod = objectAt(pod, 'securityContext')
  demand(valueAt(ofPod, 'sysctls') === undefined, 'sysctls are set')
  demand(valueAt(ofPod, 'seLinuxOptions') === undefined, 'seLinuxOptions are set')
  const containers = ['containers', 'initContainers', 'ephemeralContainers'].flatMap((kind) =>
    listAt(pod, kind),
  )
  demand(containers.length > 0, 'there is no container')
  for (const container of containers.filter(isObject)) {
    const name = textAt(container, 'name')
    const own = objectAt(container, 'securityContext')
    const effective = (key: string) => own[key] ?? ofPod[key]
    demand(effective('runAsNonRoot') === true, `${name} may run as root`)
    const user = effective('runAsUser')
    demand(typeof user === 'number' && user > 0, `${name} has no user but the image’s`)
    const seccomp = textAt(effective('seccompProfile'), 'type')
    demand(['RuntimeDefault', 'Localhost'].includes(seccomp), `${name} has no seccomp profile`)
    demand(own['allowPrivilegeEscalation'] === false, `${name} may gain privileges`)
    demand(own['privileged'] === undefined || own['privileged'] === false, `${name} is privileged`)
    demand(own['procMount'] === undefined || own['procMount'] === 'Default', `${name} sees more of /proc`)
    demand(own['seLinuxOptions'] === undefined, `${name} sets seLinuxOptions`)
    demand(listAt(own, 'capabilities', 'drop').includes('ALL'), `${name} keeps capabilities`)
    demand(listAt(own, 'capabilities', 'add').length === 0, `${name} adds capabilities`)
    demand(own['readOnlyRootFilesystem'] === true, `${name} can write to its own files`)
    for (const port of listAt(container, 'ports'))
      demand(valueAt(port, 'hostPort') === undefined, `${name} takes a port of the node`)
    demand(
      valueAt(container, 'resources', 'limits', 'memory') !== undefined,
      `${name} has no limit of memory`,
    )
    for (const resource of ['cpu', 'memory'])
      demand(
        valueAt(container, 'resources', 'requests', resource) !== undefined,
        `${name} requests no ${resource}`,
      )
  }
  return problems
}
