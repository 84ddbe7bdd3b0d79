/** Where exporters are, as a person writes it: one exporter, or a way to find them. `text` shows it without its query. */
export type ExporterAddress =
  | { readonly kind: 'exporter'; readonly text: string; readonly url: URL }
  /** One at every address of the host, by DNS. */
  | { readonly kind: 'addresses'; readonly text: string; readonly url: URL }
  /** One at every host and port of the SRV records of the host, by DNS. */
  | { readonly kind: 'service-records'; readonly text: string; readonly url: URL }
  /** One in every pod behind a service, by the Kubernetes API. */
  | {
      readonly kind: 'kubernetes-service'
      readonly text: string
      readonly scheme: 'http' | 'https'
      readonly namespace: string
      readonly service: string
      /** A name, or the number on which the pods listen; undefined for the only port of the service. */
      readonly port: string | number | undefined
      readonly path: string
    }

/** What `parseExporterAddress` accepts, to complete the sentence "… must be". */
export const acceptedExporterAddress =
  'an http or https URL without user and password, such a URL after dns+ or (with a name as _metrics._tcp.kepler.kepler.svc and no port) after dnssrv+, or kubernetes://namespace/service:port/metrics'

/** Reads one address; undefined for a text that is none. */
export function parseExporterAddress(text: string): ExporterAddress | undefined {
  const [, way = '', rest = ''] = /^(dns\+|dnssrv\+|kubernetes(?:\+https?)?:\/\/)?(.*)$/s.exec(text) ?? []
  if (way.startsWith('kubernetes')) return kubernetesService(way, rest)
  const url = URL.parse(rest)
  if (url === null || !isMetricsUrl(url)) return undefined
  const shown = `${way}${url.protocol}//${url.host}${url.pathname}`
  switch (way) {
    case 'dns+':
      return { kind: 'addresses', text: shown, url }
    case 'dnssrv+':
      return url.hostname.startsWith('_') && url.port === ''
        ? { kind: 'service-records', text: shown, url }
        : undefined
    default:
      return { kind: 'exporter', text: shown, url }
  }
}

function isMetricsUrl(url: URL): boolean {
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:'
  return isWeb && url.username === '' && url.password === '' && url.hostname !== ''
}

/** Names as RFC 1123 labels: Kubernetes, "Object Names and IDs". */
const serviceAddress = /^([a-z0-9-]{1,63})\/([a-z0-9-]{1,63})(?::([a-z0-9-]{1,15}))?(\/[^\s#]*)?$/

function kubernetesService(way: string, rest: string): ExporterAddress | undefined {
  const [, namespace, service, portText, path = '/metrics'] = serviceAddress.exec(rest) ?? []
  if (namespace === undefined || service === undefined) return undefined
  const port = portText !== undefined && /^\d+$/.test(portText) ? Number(portText) : portText
  if (typeof port === 'number' && (port < 1 || port > 65_535)) return undefined
  const scheme = way.includes('https') ? 'https' : 'http'
  const shownPath = path.replace(/\?.*$/s, '')
  const shownPort = portText === undefined ? '' : `:${portText}`
  return {
    kind: 'kubernetes-service',
    text: `${way}${namespace}/${service}${shownPort}${shownPath}`,
    scheme,
    namespace,
    service,
    port,
    path,
  }
}
