import { Deployment, StatefulSet } from 'kubernetes-models/apps/v1'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import {
  ClusterRole,
  ClusterRoleBinding,
  Role,
  RoleBinding,
} from 'kubernetes-models/rbac.authorization.k8s.io/v1'
import {
  ConfigMap,
  Namespace,
  PersistentVolumeClaim,
  Secret,
  Service,
  ServiceAccount,
} from 'kubernetes-models/v1'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { isObject, nameOf, textAt, type YamlObject } from './yaml-object.ts'

/** The kinds of the Kubernetes API that our manifests use, with what checks them. */
const models = [
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  Deployment,
  Namespace,
  NetworkPolicy,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  Role,
  RoleBinding,
  Secret,
  Service,
  ServiceAccount,
  StatefulSet,
]

/**
 * Of the ServiceMonitor of the Prometheus operator, the fields that we use.
 * Source: prometheus-operator, API reference, monitoring.coreos.com/v1, read 2026-11-24.
 */
const serviceMonitor = Type.Object(
  {
    apiVersion: Type.Literal('monitoring.coreos.com/v1'),
    kind: Type.Literal('ServiceMonitor'),
    metadata: Type.Object(
      {
        name: Type.String({ minLength: 1 }),
        namespace: Type.Optional(Type.String()),
        labels: Type.Optional(Type.Record(Type.String(), Type.String())),
      },
      { additionalProperties: false },
    ),
    spec: Type.Object(
      {
        selector: Type.Object(
          { matchLabels: Type.Record(Type.String(), Type.String()) },
          { additionalProperties: false },
        ),
        endpoints: Type.Array(
          Type.Object(
            {
              port: Type.String(),
              path: Type.String({ pattern: '^/' }),
              interval: Type.String({ pattern: '^\\d+(s|m)$' }),
              honorLabels: Type.Boolean(),
              authorization: Type.Optional(
                Type.Object(
                  {
                    credentials: Type.Object(
                      { name: Type.String({ minLength: 1 }), key: Type.String({ minLength: 1 }) },
                      { additionalProperties: false },
                    ),
                  },
                  { additionalProperties: false },
                ),
              ),
            },
            { additionalProperties: false },
          ),
          { minItems: 1 },
        ),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
)

/** What the Kubernetes API would not take of an object, a sentence each; fields that it does not know among them. */
export function problemsWithTypes(object: YamlObject): readonly string[] {
  const name = nameOf(object)
  if (object['kind'] === 'ServiceMonitor') {
    return [...Value.Errors(serviceMonitor, object)].map(
      ({ instancePath, message }) => `${name}: ${instancePath} ${message}`,
    )
  }
  const model = models.find(
    ({ apiVersion, kind }) => apiVersion === object['apiVersion'] && kind === object['kind'],
  )
  if (model === undefined)
    return [`${name}: ${textAt(object, 'apiVersion')} has no such kind that we know of`]
  const looks = createLooks()
  try {
    const instance: { validate(): void } = Reflect.construct(model, [object])
    looks.at(instance).validate()
  } catch (refusal) {
    return [`${name}: ${refusal instanceof Error ? refusal.message : String(refusal)}`]
  }
  return looks.missedIn(object).map((path) => `${name}: ${path} is no field of it`)
}

/**
 * Shows an object to somebody and notices at which fields he looks. The validators of kubernetes-models look at every
 * field that they know and let others pass: a field at which they did not look is one that Kubernetes does not have.
 */
function createLooks() {
  const seen = new Set<string>()

  function shown<T extends object>(value: T, path: string): T {
    return new Proxy(value, {
      get(target, key) {
        const found: unknown = Reflect.get(target, key)
        if (typeof key === 'symbol' || !Object.hasOwn(target, key)) return found
        const below = `${path}/${key}`
        seen.add(below)
        return typeof found === 'object' && found !== null ? shown(found, below) : found
      },
    })
  }

  function missed(value: unknown, path: string): readonly string[] {
    if (Array.isArray(value)) return value.flatMap((item, at) => missed(item, `${path}/${at}`))
    if (!isObject(value)) return []
    return Object.entries(value).flatMap(([key, item]) => {
      const below = `${path}/${key}`
      return seen.has(below) ? missed(item, below) : [below]
    })
  }

  return {
    at: <T extends object>(object: T) => shown(object, ''),
    missedIn: (object: YamlObject) => missed(object, ''),
  }
}
