import { isObject, listAt, nameOf, objectAt, textAt, valueAt, type YamlObject } from './yaml-object.ts'

/** Objects that a person makes by hand, as the documentation says. */
const madeByHand = new Set(['Secret co2-db-secret', 'Secret co2-api-tokens'])

/**
 * What does not hold together in objects that are applied as one, a sentence each: every name leads to an object, a
 * port or a volume that is there, and every selector to the pods that it is meant for.
 */
export function crossReferenceProblems(objects: readonly YamlObject[], namespace: string): readonly string[] {
  const problems: string[] = []
  const demand = (isMet: boolean, sentence: string) => {
    if (!isMet) problems.push(sentence)
  }
  const ofKind = (...kinds: readonly string[]) =>
    objects.filter((object) => kinds.includes(textAt(object, 'kind')))
  const namespaceOf = (object: YamlObject) => textAt(object, 'metadata', 'namespace') || namespace
  const isThere = (kind: string, name: string, inNamespace: string) =>
    madeByHand.has(`${kind} ${name}`) ||
    ofKind(kind).some(
      (object) => textAt(object, 'metadata', 'name') === name && namespaceOf(object) === inNamespace,
    )

  const keys = objects.map((object) => `${nameOf(object)} in ${namespaceOf(object)}`)
  demand(new Set(keys).size === keys.length, `an object is there twice: ${keys.join(', ')}`)

  const workloads = ofKind('Deployment', 'StatefulSet')
  demand(workloads.length === 1, `there are ${workloads.length} workloads`)
  const podLabels = objectAt(workloads[0], 'spec', 'template', 'metadata', 'labels')
  const ports = new Set<string>()

  for (const workload of workloads) {
    const name = nameOf(workload)
    const pod = objectAt(workload, 'spec', 'template', 'spec')
    demand(
      selects(objectAt(workload, 'spec', 'selector', 'matchLabels'), podLabels),
      `${name} selects other pods`,
    )
    const account = textAt(pod, 'serviceAccountName')
    demand(isThere('ServiceAccount', account, namespaceOf(workload)), `${name} has no account ${account}`)
    if (textAt(workload, 'kind') === 'StatefulSet') {
      const service = textAt(workload, 'spec', 'serviceName')
      demand(isThere('Service', service, namespaceOf(workload)), `${name} has no Service ${service}`)
    }

    const volumes = listAt(pod, 'volumes').map((volume) => textAt(volume, 'name'))
    const claimed = listAt(workload, 'spec', 'volumeClaimTemplates').map((claim) =>
      textAt(claim, 'metadata', 'name'),
    )
    const known = [...volumes, ...claimed]
    demand(new Set(known).size === known.length, `${name} has two volumes of one name`)
    for (const volume of listAt(pod, 'volumes')) {
      const claim = textAt(volume, 'persistentVolumeClaim', 'claimName')
      if (claim !== '')
        demand(isThere('PersistentVolumeClaim', claim, namespaceOf(workload)), `there is no claim ${claim}`)
      const secret = textAt(volume, 'secret', 'secretName')
      if (secret !== '')
        demand(isThere('Secret', secret, namespaceOf(workload)), `there is no secret ${secret}`)
    }
    for (const container of listAt(pod, 'containers')) {
      for (const port of listAt(container, 'ports')) ports.add(textAt(port, 'name'))
      const mounts = listAt(container, 'volumeMounts').map((mount) => textAt(mount, 'name'))
      demand(new Set(mounts).size === mounts.length, `${name} mounts a volume twice`)
      for (const mount of mounts) demand(known.includes(mount), `${name} has no volume ${mount}`)
      for (const volume of known)
        demand(mounts.includes(volume), `${name} does not mount the volume ${volume}`)
      for (const { name: configMap, isOptional } of configMapsOf(container))
        demand(
          isOptional || isThere('ConfigMap', configMap, namespaceOf(workload)),
          `there is no ConfigMap ${configMap}`,
        )
      for (const entry of listAt(container, 'env')) {
        const secret = objectAt(entry, 'valueFrom', 'secretKeyRef')
        if (Object.keys(secret).length > 0)
          demand(
            isThere('Secret', textAt(secret, 'name'), namespaceOf(workload)),
            `there is no secret ${textAt(secret, 'name')}`,
          )
      }
      for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'])
        demand(ports.has(textAt(container, probe, 'httpGet', 'port')), `${name} has no port for its ${probe}`)
    }
  }

  for (const service of ofKind('Service')) {
    demand(selects(objectAt(service, 'spec', 'selector'), podLabels), `${nameOf(service)} selects other pods`)
    for (const port of listAt(service, 'spec', 'ports'))
      demand(ports.has(textAt(port, 'targetPort')), `${nameOf(service)} leads to no port`)
  }
  for (const object of ofKind('NetworkPolicy', 'PodDisruptionBudget')) {
    const selector = textAt(object, 'kind') === 'NetworkPolicy' ? 'podSelector' : 'selector'
    demand(
      selects(objectAt(object, 'spec', selector, 'matchLabels'), podLabels),
      `${nameOf(object)} selects other pods`,
    )
  }
  for (const monitor of ofKind('ServiceMonitor')) {
    const monitored = ofKind('Service').filter((service) =>
      selects(objectAt(monitor, 'spec', 'selector', 'matchLabels'), objectAt(service, 'metadata', 'labels')),
    )
    demand(monitored.length === 1, `${nameOf(monitor)} sees each pod ${monitored.length} times`)
    for (const endpoint of listAt(monitor, 'spec', 'endpoints')) {
      const names = monitored.flatMap((service) =>
        listAt(service, 'spec', 'ports').map((port) => textAt(port, 'name')),
      )
      demand(names.includes(textAt(endpoint, 'port')), `${nameOf(monitor)} reads no port`)
    }
  }
  for (const binding of ofKind('RoleBinding', 'ClusterRoleBinding')) {
    const role = objectAt(binding, 'roleRef')
    const roleNamespace = textAt(role, 'kind') === 'ClusterRole' ? namespace : namespaceOf(binding)
    demand(
      isThere(textAt(role, 'kind'), textAt(role, 'name'), roleNamespace),
      `${nameOf(binding)} binds no role`,
    )
    for (const subject of listAt(binding, 'subjects')) {
      const { name, namespace: subjectNamespace } = objectAt({ subject }, 'subject')
      demand(
        isThere('ServiceAccount', String(name), String(subjectNamespace)),
        `${nameOf(binding)} is for an account that is not there`,
      )
    }
  }
  return problems
}

/** The environment variables that are set in the workloads, and in the ConfigMaps that they read. */
export function variablesIn(objects: readonly YamlObject[]): readonly string[] {
  const pods = objects.map((object) => objectAt(object, 'spec', 'template', 'spec'))
  const ofContainers = pods
    .flatMap((pod) => listAt(pod, 'containers'))
    .flatMap((container) => listAt(container, 'env').map((entry) => textAt(entry, 'name')))
  const ofConfigMaps = objects
    .filter((object) => textAt(object, 'kind') === 'ConfigMap')
    .flatMap((object) => Object.keys(objectAt(object, 'data')))
  return [...ofContainers, ...ofConfigMaps]
}

function selects(selector: YamlObject, labels: YamlObject): boolean {
  const wanted = Object.entries(selector)
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value)
}

function configMapsOf(
  container: unknown,
): readonly { readonly name: string; readonly isOptional: boolean }[] {
  return listAt(container, 'envFrom')
    .filter(isObject)
    .map((source) => ({
      name: textAt(source, 'configMapRef', 'name'),
      isOptional: valueAt(source, 'configMapRef', 'optional') === true,
    }))
}
