import { acceptedExporterAddress, type ExporterAddress, parseExporterAddress } from './exporter-address.ts'
import {
  choiceSetting,
  durationSetting,
  integerSetting,
  optionalIntegerSetting,
  requiredTextSetting,
  type Setting,
  textSetting,
} from './setting.ts'

/** The live sources by name, in the order in which they are asked unless another is set. */
export const intensitySourceNames = [
  'endpoint',
  'electricity-maps',
  'eia',
  'watttime',
  'energy-charts',
  'entsoe',
  'neso',
  'energinet',
  'rte-eco2mix',
  'eirgrid',
  'elia',
  'electricity-maps-page',
] as const

export type IntensitySourceName = (typeof intensitySourceNames)[number]

/** Each is a series for every container. */
export const mostMetricsZones = 20

/** Every environment variable that the service reads. The documentation of the configuration is written from this. */
export const settings = {
  mode: choiceSetting({
    name: 'MODE',
    choices: ['local', 'db'],
    fallback: 'local',
    meaning:
      'Where measurements live: `local` keeps them in memory, and in an SQLite file as well where `DATA_DIR` is set; `db` in a PostgreSQL database.',
  }),
  sampleIntervalSeconds: integerSetting({
    name: 'SAMPLE_INTERVAL',
    type: 'integer seconds',
    fallback: 10,
    least: 1,
    most: 86_400,
    meaning: 'How often Kepler is scraped. Scrapes happen at the whole multiples of it.',
  }),
  databaseFlushIntervalSeconds: integerSetting({
    name: 'DB_FLUSH_INTERVAL',
    type: 'integer seconds',
    fallback: 5,
    least: 1,
    most: 86_400,
    meaning: 'How often what was measured is written to the database or the file.',
  }),
  exporters: exportersSetting(),
  databaseDsn: textSetting({
    name: 'TSDB_DSN',
    type: 'PostgreSQL DSN',
    secret: true,
    meaning: 'The database, required with `MODE=db`. It is never printed.',
  }),
  chromeBinary: textSetting({
    name: 'CHROME_BIN',
    type: 'path',
    meaning:
      'A Chromium with which the web page of Electricity Maps is read, as the last of the live sources. Setting it turns that source on.',
  }),
  chromedriverBinary: textSetting({
    name: 'CHROMEDRIVER_BIN',
    type: 'path',
    meaning: 'A Chromedriver that belongs to `CHROME_BIN`: the page is then read through it.',
  }),
  port: integerSetting({
    name: 'PORT',
    type: 'port',
    fallback: 5001,
    least: 0,
    most: 65_535,
    meaning: 'The port of the HTTP API; 0 takes a free one and logs which.',
  }),
  host: requiredTextSetting({
    name: 'HOST',
    type: 'address',
    fallback: '0.0.0.0',
    meaning: 'The address that the HTTP API listens on.',
  }),
  apiTokensFile: textSetting({
    name: 'API_TOKENS_FILE',
    type: 'path',
    meaning:
      'A file with the digests of the tokens that the API accepts, one `name scope namespaces sha256:digest` a line; it is read again while the service runs. Without it everybody may ask. docs/access.md shows one.',
  }),
  tlsCertificateFile: textSetting({
    name: 'TLS_CERT_FILE',
    type: 'path',
    meaning: 'A PEM certificate chain, with `TLS_KEY_FILE`: the API then answers over TLS alone.',
  }),
  tlsKeyFile: textSetting({
    name: 'TLS_KEY_FILE',
    type: 'path',
    meaning: 'The PEM private key of `TLS_CERT_FILE`. Both are read again while the service runs.',
  }),
  corsOrigins: corsOriginsSetting(),
  rateLimit: optionalIntegerSetting({
    name: 'RATE_LIMIT',
    type: 'requests a minute',
    shownDefault: 'none',
    least: 1,
    most: 1_000_000,
    meaning:
      'How often one token, or one address where no tokens are asked for, may ask. Beyond it the answer is 429. Whatever it is, only four questions about the whole fleet are worked out at a time.',
  }),
  retentionSeconds: durationSetting({
    name: 'RETENTION',
    fallbackText: '1h',
    fallback: 3600,
    least: 60,
    most: 31 * 86_400,
    meaning: 'How long samples are kept in memory.',
  }),
  exporterTimeoutSeconds: optionalIntegerSetting({
    name: 'EXPORTER_TIMEOUT',
    type: 'integer seconds',
    shownDefault: '`SAMPLE_INTERVAL`, at most 10',
    least: 1,
    most: 300,
    meaning: 'How long a scrape may take as a whole.',
  }),
  exporterMaxBodyMegabytes: integerSetting({
    name: 'EXPORTER_MAX_BODY_MB',
    type: 'integer MB',
    fallback: 256,
    least: 1,
    most: 4096,
    meaning: 'The most that one answer of Kepler may hold, before and after decompression.',
  }),
  exporterMaxSeries: integerSetting({
    name: 'EXPORTER_MAX_SERIES',
    type: 'integer',
    fallback: 1_000_000,
    least: 1,
    most: 100_000_000,
    meaning:
      'The most series with energy that one answer of Kepler may show; two to four for each container. It bounds the memory that a target can take.',
  }),
  exporterBearerTokenFile: textSetting({
    name: 'EXPORTER_BEARER_TOKEN_FILE',
    type: 'path',
    meaning:
      'A file with a bearer token for Kepler behind kube-rbac-proxy, read at every scrape. In a pod: `/var/run/secrets/kubernetes.io/serviceaccount/token`.',
  }),
  exporterBasicAuthFile: textSetting({
    name: 'EXPORTER_BASIC_AUTH_FILE',
    type: 'path',
    meaning: 'A file with `user:password` on one line, read at every scrape. Excludes a bearer token.',
  }),
  exporterAuthorityFile: textSetting({
    name: 'EXPORTER_CA_FILE',
    type: 'path',
    meaning:
      'A PEM bundle of the authorities that may have signed Kepler’s certificate, instead of the well-known ones.',
  }),
  nodeMaxWatts: integerSetting({
    name: 'NODE_MAX_WATTS',
    type: 'integer watts',
    fallback: 20_000,
    least: 1,
    most: 10_000_000,
    meaning:
      'The most that one node can draw. A counter that claims more is refused, counted in the metrics and recorded as a gap.',
  }),
  intensitySources: intensitySourcesSetting(),
  countries: zonesSetting({
    name: 'COUNTRIES',
    shownDefault: 'none',
    meaning:
      'Countries and zones whose carbon intensity is kept current from the start, such as `DE,FR,DK-DK1`.',
    most: 1000,
  }),
  electricityMapsToken: textSetting({
    name: 'ELECTRICITYMAPS_TOKEN',
    type: 'key',
    secret: true,
    meaning: 'The key of the Electricity Maps API.',
  }),
  entsoeToken: textSetting({
    name: 'ENTSOE_TOKEN',
    type: 'key',
    secret: true,
    meaning: 'The security token of the ENTSO-E Transparency Platform.',
  }),
  eiaApiKey: textSetting({
    name: 'EIA_API_KEY',
    type: 'key',
    secret: true,
    meaning: 'The key of the US Energy Information Administration.',
  }),
  wattTimeUsername: textSetting({
    name: 'WATTTIME_USERNAME',
    type: 'name',
    meaning: 'The user of WattTime, with `WATTTIME_PASSWORD`; its figures are marginal.',
  }),
  wattTimePassword: textSetting({
    name: 'WATTTIME_PASSWORD',
    type: 'password',
    secret: true,
    meaning: 'The password of WattTime.',
  }),
  intensityEndpoint: textSetting({
    name: 'INTENSITY_ENDPOINT',
    type: 'path',
    meaning:
      'A JSON file that describes an HTTP endpoint of your own with carbon intensities; docs/intensity.md shows one.',
  }),
  staticIntensities: textSetting({
    name: 'CO2_INTENSITIES',
    type: 'list',
    meaning:
      'Carbon intensities of your own in g/kWh, such as `DE=148,FR=20`. They come before every source.',
  }),
  intensityFile: textSetting({
    name: 'INTENSITY_FILE',
    type: 'path',
    meaning:
      'A CSV file with carbon intensities over time: columns `zone`, `from`, `to`, `g_per_kwh`. It comes before every source but `CO2_INTENSITIES`.',
  }),
  dataDirectory: textSetting({
    name: 'DATA_DIR',
    type: 'path',
    meaning:
      'A directory of one’s own. With `MODE=local` measurements are kept there in an SQLite file; with `MODE=db` what the database has not taken yet waits there and survives a restart.',
  }),
  retentionDays: optionalIntegerSetting({
    name: 'RETENTION_DAYS',
    type: 'integer days',
    shownDefault: 'for ever',
    least: 1,
    most: 36_500,
    meaning: 'How long measurements are kept in the file or the database.',
  }),
  writeQueueMegabytes: integerSetting({
    name: 'WRITE_QUEUE_MB',
    type: 'integer MB',
    fallback: 64,
    least: 1,
    most: 65_536,
    meaning:
      'How much may wait for the store while it is away, in memory or in `DATA_DIR`. Beyond it the oldest measurements are dropped, counted, logged and recorded as gaps.',
  }),
  queryTimeoutSeconds: integerSetting({
    name: 'QUERY_TIMEOUT',
    type: 'integer seconds',
    fallback: 30,
    least: 1,
    most: 3600,
    meaning: 'How long a question to the store may take.',
  }),
  shard: shardSetting(),
  hostname: textSetting({
    name: 'HOSTNAME',
    type: 'name',
    meaning: 'The name of the pod, which Kubernetes itself sets. `SHARD=auto/n` takes the number at its end.',
  }),
  kubernetes: choiceSetting({
    name: 'KUBERNETES',
    choices: ['auto', 'off'],
    fallback: 'auto',
    meaning:
      'Whether the Kubernetes API is asked whose the pods are: `auto` asks it where the process runs in a pod with an account, which must be allowed to list and watch pods. Without it owners are derived from the names of pods, and marked so.',
  }),
  kubernetesAccountDirectory: requiredTextSetting({
    name: 'KUBERNETES_ACCOUNT_DIR',
    type: 'path',
    fallback: '/var/run/secrets/kubernetes.io/serviceaccount',
    meaning:
      'Where Kubernetes mounts `token` and `ca.crt` of the account. The token is read again at every request: it is renewed under a running process.',
  }),
  kubernetesServiceHost: textSetting({
    name: 'KUBERNETES_SERVICE_HOST',
    type: 'address',
    meaning: 'The Kubernetes API. Kubernetes itself sets it in every pod.',
  }),
  kubernetesServicePort: optionalIntegerSetting({
    name: 'KUBERNETES_SERVICE_PORT',
    type: 'port',
    shownDefault: 'none',
    least: 1,
    most: 65_535,
    meaning: 'The port of the Kubernetes API. Kubernetes itself sets it in every pod.',
  }),
  metricsEmissions: choiceSetting({
    name: 'METRICS_EMISSIONS',
    choices: ['on', 'off'],
    fallback: 'on',
    meaning:
      'Whether `/metrics` has energy, power and emissions of containers and namespaces beside the metrics of the service itself.',
  }),
  metricsZones: metricsZonesSetting(),
  metricsContainers: integerSetting({
    name: 'METRICS_CONTAINERS',
    type: 'integer',
    fallback: 10_000,
    least: 0,
    most: 1_000_000,
    meaning:
      'The most containers that have series of their own in `/metrics`. Those beyond are counted together as `(others)`; namespaces are always whole.',
  }),
  logLevel: choiceSetting({
    name: 'LOG_LEVEL',
    choices: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    fallback: 'info',
    meaning: 'How much is logged, as one JSON object a line on standard output.',
  }),
}

function exportersSetting(): Setting<readonly ExporterAddress[]> {
  const fallback = 'http://localhost:9102/metrics'
  return {
    name: 'EXPORTER_URL',
    type: 'address, or several with commas',
    shownDefault: fallback,
    meaning:
      'Kepler’s metrics endpoints: a URL, or a way to find them: `dns+http://host:port/path` (every address of a name), `dnssrv+http://_metrics._tcp.kepler.kepler.svc/metrics` (its service records), `kubernetes://namespace/service:port/metrics` (every pod behind a service). Kepler 0.9 and older listen on 9102, newer ones on 28282. A plain URL must be one node’s own: behind a load-balanced Service each scrape meets another node. docs/scaling.md says more.',
    accepted: `${acceptedExporterAddress}; or several with commas in between, none of them twice`,
    secret: false,
    fallback: [{ kind: 'exporter', text: fallback, url: new URL(fallback) }],
    parse(text) {
      const addresses = text.split(',').map((part) => parseExporterAddress(part.trim()))
      const accepted = addresses.filter((address) => address !== undefined)
      const isDistinct = new Set(accepted.map((address) => JSON.stringify(address))).size === addresses.length
      return isDistinct ? accepted : undefined
    },
  }
}

function corsOriginsSetting(): Setting<readonly string[]> {
  return {
    name: 'CORS_ORIGINS',
    type: 'list',
    shownDefault: 'none',
    meaning: 'Origins whose web pages may ask the API from a browser, such as `https://portal.example`.',
    accepted: 'none, or a list of origins such as https://portal.example, with scheme and without path',
    secret: false,
    fallback: [],
    parse(text) {
      if (text === 'none') return []
      const origins = text.split(',').map((origin) => origin.trim())
      return origins.every((origin) => URL.parse(origin)?.origin === origin) ? origins : undefined
    },
  }
}

/** Which of how many processes this one is; `undefined` for the index is the number at the end of HOSTNAME. */
export type ShardSetting = { readonly index: number | undefined; readonly count: number }

function shardSetting(): Setting<ShardSetting> {
  const mostShards = 1000
  return {
    name: 'SHARD',
    type: 'index/count',
    shownDefault: '0/1',
    meaning:
      'Which of several processes this one is, that share the targets among themselves, such as `0/3`, `1/3` and `2/3`; `auto/3` in a StatefulSet. Each target has one of them, by the name of its node where that is known, else by its address.',
    accepted: `i/n with i from 0 to n - 1 and n up to ${mostShards}, such as 0/3, or auto/n`,
    secret: false,
    fallback: { index: 0, count: 1 },
    parse(text) {
      const [, index = '', countText = ''] = /^(auto|\d{1,4})\/(\d{1,4})$/.exec(text) ?? []
      const count = Number(countText)
      if (count < 1 || count > mostShards) return undefined
      if (index === 'auto') return { index: undefined, count }
      return Number(index) < count ? { index: Number(index), count } : undefined
    },
  }
}

function intensitySourcesSetting(): Setting<readonly IntensitySourceName[] | undefined> {
  return {
    name: 'INTENSITY_SOURCES',
    type: 'list',
    shownDefault: 'every source that needs no key or whose key is set',
    meaning: `The live sources of carbon intensity, best first, or \`none\`: ${intensitySourceNames.join(', ')}. Only zones that someone asks for, or that \`COUNTRIES\` names, are asked about.`,
    accepted: `none, or a list out of ${intensitySourceNames.join(', ')}, none of them twice`,
    secret: false,
    fallback: undefined,
    parse(text) {
      if (text === 'none') return []
      const names = text.split(',').map((part) => intensitySourceNames.find((name) => name === part.trim()))
      const known = names.filter((name) => name !== undefined)
      return known.length === names.length && new Set(known).size === known.length ? known : undefined
    },
  }
}

function metricsZonesSetting(): Setting<readonly string[] | undefined> {
  const zones = zonesSetting({
    name: 'METRICS_ZONES',
    shownDefault: '`COUNTRIES`, else `DE`',
    meaning:
      'Zones whose emissions `/metrics` has: one series for each container and zone; with `none` there are energy and power alone. Their intensity is kept current, as that of `COUNTRIES`.',
    most: mostMetricsZones,
  })
  return { ...zones, fallback: undefined }
}

function zonesSetting({
  most,
  ...description
}: {
  readonly name: string
  readonly shownDefault: string
  readonly meaning: string
  readonly most: number
}): Setting<readonly string[]> {
  return {
    ...description,
    type: 'list',
    accepted: `none, or a list of codes such as DE,FR,DK-DK1, at most ${most}`,
    secret: false,
    fallback: [],
    parse(text) {
      if (text === 'none') return []
      const codes = text.split(',').map((code) => code.trim())
      const areCodes = codes.every((code) => /^[A-Za-z0-9-]{2,20}$/.test(code))
      return areCodes && codes.length <= most ? codes : undefined
    },
  }
}
