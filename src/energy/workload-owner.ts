/** What a pod belongs to: what a person would name when asked whose energy it is. */
export type WorkloadOwner = {
  /** `Deployment`, `StatefulSet`, `DaemonSet`, `Job`, `CronJob`, ... or `Pod` for one that nothing made. */
  readonly kind: string
  readonly name: string
  /** Of the pod; empty where they are not known. */
  readonly labels: Readonly<Record<string, string>>
  /** `kubernetes`: the cluster said so. `pod-name`: a guess from the way controllers name their pods. */
  readonly derivedFrom: 'kubernetes' | 'pod-name'
}

/** Who owns the pods. */
export type OwnerDirectory = {
  /** A pod that the cluster does not know any more, or never told us of, has an owner derived from its name. */
  ownerOf(pod: { readonly namespace: string; readonly pod: string }): WorkloadOwner
}
