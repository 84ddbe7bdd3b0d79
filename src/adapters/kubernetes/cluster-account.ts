import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { KubernetesError } from './kubernetes-error.ts'

/** Who we are in the cluster, and where its API server is. */
export type ClusterAccount = {
  readonly server: URL
  /** The PEM bundle that the server's certificate must lead to. */
  readonly authority: string
  /** Read anew each time: Kubernetes renews it under a running process. Throws KubernetesError. */
  token(): Promise<string>
}

export type AccountReading =
  | { readonly kind: 'account'; readonly account: ClusterAccount }
  /** This process does not run in a pod, or in one without an account. */
  | { readonly kind: 'none'; readonly why: string }

export type AccountPlace = {
  /** Where Kubernetes mounts `token` and `ca.crt`. */
  readonly directory: string
  /** As Kubernetes sets them in every pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT. */
  readonly host: string | undefined
  readonly port: number | undefined
}

/** Finds the account that Kubernetes gives to the pods of a service account. */
export async function readClusterAccount({ directory, host, port }: AccountPlace): Promise<AccountReading> {
  if (host === undefined || port === undefined)
    return { kind: 'none', why: 'KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set' }
  const server = URL.parse(`https://${host.includes(':') ? `[${host}]` : host}:${port}`)
  if (server === null) return { kind: 'none', why: `KUBERNETES_SERVICE_HOST ${host} is no host` }
  const tokenFile = path.join(directory, 'token')
  try {
    const authority = await readFile(path.join(directory, 'ca.crt'), 'utf8')
    const account = { server, authority, token: () => tokenIn(tokenFile) }
    await account.token()
    return { kind: 'account', account }
  } catch (cause) {
    return { kind: 'none', why: cause instanceof Error ? cause.message : String(cause) }
  }
}

async function tokenIn(file: string): Promise<string> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw new KubernetesError('token-unreadable', `the token of the account (${file}) cannot be read`, {
      cause,
    })
  }
  const token = text.trim()
  // An HTTP header cannot hold control characters.
  if (token === '' || /\p{Cc}/u.test(token))
    throw new KubernetesError('token-unreadable', `the token of the account (${file}) must be one line`)
  return token
}
