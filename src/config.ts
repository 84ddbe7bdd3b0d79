import type { ExporterAddress } from './exporter-address.ts'
import { createSettingReader } from './setting.ts'
import { type IntensitySourceName, type ShardSetting, settings } from './settings.ts'

/** What the service was told to do. */
export type Config = {
  readonly http: { readonly host: string; readonly port: number }
  readonly access: AccessConfig
  readonly scrape: {
    readonly exporters: readonly ExporterAddress[]
    readonly intervalSeconds: number
    readonly timeoutSeconds: number
    readonly maxBodyBytes: number
    readonly maxSeries: number
    readonly credentials:
      | { readonly kind: 'none' }
      | { readonly kind: 'bearer'; readonly tokenFile: string }
      | { readonly kind: 'basic'; readonly file: string }
    readonly authorityFile: string | undefined
  }
  readonly storage: StorageConfig
  readonly flushIntervalSeconds: number
  readonly writeQueueBytes: number
  readonly queryTimeoutSeconds: number
  readonly nodeMaxWatts: number
  readonly retentionSeconds: number
  readonly intensities: IntensityConfig
  readonly kubernetes: KubernetesConfig
  /** Which of how many processes this one is. */
  readonly shard: { readonly index: number; readonly count: number }
  readonly metrics: MetricsConfig
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
  /** What holds and may not be meant, a sentence each. */
  readonly notices: readonly string[]
}

/** Who may ask the API, and how. */
export type AccessConfig = {
  /** Undefined: everybody may ask. */
  readonly tokensFile: string | undefined
  readonly tls: { readonly certificateFile: string; readonly keyFile: string } | undefined
  readonly corsOrigins: readonly string[]
  /** Undefined: as often as they like. */
  readonly requestsPerMinute: number | undefined
}

/** Where the Kubernetes API is, and who we are to it. */
export type KubernetesConfig = {
  /** Whether it is asked whose the pods are. */
  readonly owners: 'auto' | 'off'
  readonly accountDirectory: string
  readonly host: string | undefined
  readonly port: number | undefined
}

/** What `/metrics` has beside the metrics of the service itself. */
export type MetricsConfig = {
  readonly emissions: 'on' | 'off'
  /** As they were written; undefined for the usual ones. */
  readonly zones: readonly string[] | undefined
  readonly mostContainers: number
}

/** Where carbon intensities come from. */
export type IntensityConfig = {
  readonly override: string | undefined
  readonly file: string | undefined
  /** Best first; undefined for the usual ones. */
  readonly sources: readonly IntensitySourceName[] | undefined
  /** Zones that are always kept current, as they were written. */
  readonly countries: readonly string[]
  readonly electricityMapsToken: string | undefined
  readonly entsoeToken: string | undefined
  readonly eiaApiKey: string | undefined
  readonly wattTime: { readonly username: string; readonly password: string } | undefined
  readonly endpointFile: string | undefined
  readonly chromeBinary: string | undefined
  readonly chromedriverBinary: string | undefined
}

/** Where measurements are kept beyond the last while in memory. */
export type StorageConfig =
  | { readonly kind: 'memory' }
  | { readonly kind: 'sqlite'; readonly directory: string; readonly retentionDays: number | undefined }
  | {
      readonly kind: 'postgres'
      readonly dsn: string
      readonly retentionDays: number | undefined
      /** Where what the database has not taken yet waits; undefined for in memory. */
      readonly spoolDirectory: string | undefined
    }

export type ConfigReading =
  | { readonly kind: 'valid'; readonly config: Config }
  /** Each problem is one line that names the variable, what it held and what is accepted. */
  | { readonly kind: 'invalid'; readonly problems: readonly string[] }

/** Reads the configuration from an environment: all of it, or every problem at once. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): ConfigReading {
  const { read, problems } = createSettingReader(environment)
  const mode = read(settings.mode)
  const databaseDsn = read(settings.databaseDsn)
  const intervalSeconds = read(settings.sampleIntervalSeconds)
  const tokenFile = read(settings.exporterBearerTokenFile)
  const basicAuthFile = read(settings.exporterBasicAuthFile)
  const wattTimeUsername = read(settings.wattTimeUsername)
  const wattTimePassword = read(settings.wattTimePassword)
  const certificateFile = read(settings.tlsCertificateFile)
  const keyFile = read(settings.tlsKeyFile)
  const shard = read(settings.shard)
  const hostname = read(settings.hostname)
  const shardIndex = shard.index ?? ordinalOf(hostname, shard)
  const config: Config = {
    http: { host: read(settings.host), port: read(settings.port) },
    access: {
      tokensFile: read(settings.apiTokensFile),
      tls: certificateFile === undefined || keyFile === undefined ? undefined : { certificateFile, keyFile },
      corsOrigins: read(settings.corsOrigins),
      requestsPerMinute: read(settings.rateLimit),
    },
    scrape: {
      exporters: read(settings.exporters),
      intervalSeconds,
      timeoutSeconds: read(settings.exporterTimeoutSeconds) ?? Math.min(intervalSeconds, 10),
      maxBodyBytes: read(settings.exporterMaxBodyMegabytes) * 1_000_000,
      maxSeries: read(settings.exporterMaxSeries),
      credentials: credentialsOf(tokenFile, basicAuthFile),
      authorityFile: read(settings.exporterAuthorityFile),
    },
    storage: storageOf({
      mode,
      dsn: databaseDsn,
      directory: read(settings.dataDirectory),
      retentionDays: read(settings.retentionDays),
    }),
    flushIntervalSeconds: read(settings.databaseFlushIntervalSeconds),
    writeQueueBytes: read(settings.writeQueueMegabytes) * 1_000_000,
    queryTimeoutSeconds: read(settings.queryTimeoutSeconds),
    nodeMaxWatts: read(settings.nodeMaxWatts),
    retentionSeconds: read(settings.retentionSeconds),
    intensities: {
      override: read(settings.staticIntensities),
      file: read(settings.intensityFile),
      sources: read(settings.intensitySources),
      countries: read(settings.countries),
      electricityMapsToken: read(settings.electricityMapsToken),
      entsoeToken: read(settings.entsoeToken),
      eiaApiKey: read(settings.eiaApiKey),
      wattTime:
        wattTimeUsername === undefined || wattTimePassword === undefined
          ? undefined
          : { username: wattTimeUsername, password: wattTimePassword },
      endpointFile: read(settings.intensityEndpoint),
      chromeBinary: read(settings.chromeBinary),
      chromedriverBinary: read(settings.chromedriverBinary),
    },
    shard: { index: shardIndex ?? 0, count: shard.count },
    kubernetes: {
      owners: read(settings.kubernetes),
      accountDirectory: read(settings.kubernetesAccountDirectory),
      host: read(settings.kubernetesServiceHost),
      port: read(settings.kubernetesServicePort),
    },
    metrics: {
      emissions: read(settings.metricsEmissions),
      zones: read(settings.metricsZones),
      mostContainers: read(settings.metricsContainers),
    },
    logLevel: read(settings.logLevel),
    notices:
      mode === 'local' && databaseDsn !== undefined
        ? ['TSDB_DSN is set and not used: measurements go to the database with MODE=db alone']
        : [],
  }
  if (mode === 'db' && databaseDsn === undefined) {
    problems.push(
      'TSDB_DSN is not set; MODE=db needs a PostgreSQL DSN such as postgresql://user:password@host:5432/database',
    )
  }
  if ((wattTimeUsername === undefined) !== (wattTimePassword === undefined)) {
    problems.push('WATTTIME_USERNAME and WATTTIME_PASSWORD belong together; set both or neither')
  }
  if ((certificateFile === undefined) !== (keyFile === undefined)) {
    problems.push('TLS_CERT_FILE and TLS_KEY_FILE belong together; set both or neither')
  }
  if (shardIndex === undefined) {
    problems.push(
      `SHARD holds "auto/${shard.count}", and HOSTNAME ${hostname === undefined ? 'is not set' : `holds ${JSON.stringify(hostname)}`}; it must end in -0 to -${shard.count - 1}, as the pods of a StatefulSet with ${shard.count} replicas do`,
    )
  }
  if (tokenFile !== undefined && basicAuthFile !== undefined) {
    problems.push(
      'EXPORTER_BEARER_TOKEN_FILE and EXPORTER_BASIC_AUTH_FILE are both set; a scrape accepts one of them',
    )
  }
  return problems.length === 0 ? { kind: 'valid', config } : { kind: 'invalid', problems }
}

/** The number at the end of the name of a StatefulSet's pod; undefined where there is none, or none of the shards. */
function ordinalOf(hostname: string | undefined, { count }: ShardSetting): number | undefined {
  const [, ordinal] = /-(\d{1,4})$/.exec(hostname ?? '') ?? []
  return ordinal !== undefined && Number(ordinal) < count ? Number(ordinal) : undefined
}

function credentialsOf(
  tokenFile: string | undefined,
  basicAuthFile: string | undefined,
): Config['scrape']['credentials'] {
  if (tokenFile !== undefined) return { kind: 'bearer', tokenFile }
  if (basicAuthFile !== undefined) return { kind: 'basic', file: basicAuthFile }
  return { kind: 'none' }
}

function storageOf(given: {
  readonly mode: 'local' | 'db'
  readonly dsn: string | undefined
  readonly directory: string | undefined
  readonly retentionDays: number | undefined
}): StorageConfig {
  const { mode, dsn, directory, retentionDays } = given
  if (mode === 'db' && dsn !== undefined)
    return { kind: 'postgres', dsn, retentionDays, spoolDirectory: directory }
  if (directory !== undefined) return { kind: 'sqlite', directory, retentionDays }
  return { kind: 'memory' }
}
