import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Config, readConfig } from './config.ts'

type Environment = Readonly<Record<string, string | undefined>>

function configFrom(environment: Environment): Config {
  const reading = readConfig(environment)
  assert.deepEqual(reading.kind === 'invalid' ? reading.problems : [], [])
  if (reading.kind === 'invalid') throw new Error('no configuration')
  return reading.config
}

function problemsIn(environment: Environment): readonly string[] {
  const reading = readConfig(environment)
  return reading.kind === 'invalid' ? reading.problems : []
}

const exporter = (url: string) => ({ kind: 'exporter', text: url, url: new URL(url) }) as const

const defaults: Config = {
  http: { host: '0.0.0.0', port: 5001 },
  access: { tokensFile: undefined, tls: undefined, corsOrigins: [], requestsPerMinute: undefined },
  scrape: {
    exporters: [exporter('http://localhost:9102/metrics')],
    intervalSeconds: 10,
    timeoutSeconds: 10,
    maxBodyBytes: 256_000_000,
    maxSeries: 1_000_000,
    credentials: { kind: 'none' },
    authorityFile: undefined,
  },
  notices: [],
  storage: { kind: 'memory' },
  flushIntervalSeconds: 5,
  writeQueueBytes: 64_000_000,
  queryTimeoutSeconds: 30,
  nodeMaxWatts: 20_000,
  retentionSeconds: 3600,
  intensities: {
    override: undefined,
    file: undefined,
    sources: undefined,
    countries: [],
    electricityMapsToken: undefined,
    entsoeToken: undefined,
    eiaApiKey: undefined,
    wattTime: undefined,
    endpointFile: undefined,
    chromeBinary: undefined,
    chromedriverBinary: undefined,
  },
  kubernetes: {
    owners: 'auto',
    accountDirectory: '/var/run/secrets/kubernetes.io/serviceaccount',
    host: undefined,
    port: undefined,
  },
  shard: { index: 0, count: 1 },
  metrics: { emissions: 'on', zones: undefined, mostContainers: 10_000 },
  logLevel: 'info',
}

const intensitiesWith = (more: Partial<Config['intensities']>) => ({
  ...defaults,
  intensities: { ...defaults.intensities, ...more },
})

const metricsWith = (more: Partial<Config['metrics']>) => ({
  ...defaults,
  metrics: { ...defaults.metrics, ...more },
})

const kubernetesWith = (more: Partial<Config['kubernetes']>) => ({
  ...defaults,
  kubernetes: { ...defaults.kubernetes, ...more },
})

const scrapeWith = (more: Partial<Config['scrape']>) => ({
  ...defaults,
  scrape: { ...defaults.scrape, ...more },
})

describe('the configuration', () => {
  it('has a default for everything', () => {
    assert.deepEqual(configFrom({}), defaults)
  })

  it('takes an empty variable, or one of blanks, for one that is not set', () => {
    assert.deepEqual(configFrom({ PORT: '', MODE: '  ', TSDB_DSN: '', EXPORTER_TIMEOUT: '' }), defaults)
  })

  it('takes no notice of blanks around a value', () => {
    assert.equal(configFrom({ PORT: ' 8080\n' }).http.port, 8080)
  })

  it('takes no notice of variables that it does not know', () => {
    assert.deepEqual(configFrom({ KUBERNETES_PORT: 'tcp://10.0.0.1:443' }), defaults)
  })

  const accepted: readonly (readonly [variable: string, value: string, config: Config])[] = [
    ['MODE', 'local', defaults],
    ['SAMPLE_INTERVAL', '1', scrapeWith({ intervalSeconds: 1, timeoutSeconds: 1 })],
    ['SAMPLE_INTERVAL', '86400', scrapeWith({ intervalSeconds: 86_400, timeoutSeconds: 10 })],
    ['DB_FLUSH_INTERVAL', '30', { ...defaults, flushIntervalSeconds: 30 }],
    ['CHROME_BIN', '/usr/bin/chromium', intensitiesWith({ chromeBinary: '/usr/bin/chromium' })],
    [
      'CHROMEDRIVER_BIN',
      '/usr/bin/chromedriver',
      intensitiesWith({ chromedriverBinary: '/usr/bin/chromedriver' }),
    ],
    ['INTENSITY_SOURCES', 'none', intensitiesWith({ sources: [] })],
    ['INTENSITY_SOURCES', 'neso, energy-charts', intensitiesWith({ sources: ['neso', 'energy-charts'] })],
    ['COUNTRIES', 'DE, dk-dk1', intensitiesWith({ countries: ['DE', 'dk-dk1'] })],
    ['METRICS_EMISSIONS', 'off', metricsWith({ emissions: 'off' })],
    ['METRICS_ZONES', 'DE,PL', metricsWith({ zones: ['DE', 'PL'] })],
    ['METRICS_ZONES', 'none', metricsWith({ zones: [] })],
    ['METRICS_CONTAINERS', '0', metricsWith({ mostContainers: 0 })],
    ['ELECTRICITYMAPS_TOKEN', 'secret', intensitiesWith({ electricityMapsToken: 'secret' })],
    ['ENTSOE_TOKEN', 'secret', intensitiesWith({ entsoeToken: 'secret' })],
    ['EIA_API_KEY', 'secret', intensitiesWith({ eiaApiKey: 'secret' })],
    ['INTENSITY_ENDPOINT', '/etc/endpoint.json', intensitiesWith({ endpointFile: '/etc/endpoint.json' })],
    [
      'EXPORTER_URL',
      'https://kepler:28282/metrics',
      scrapeWith({ exporters: [exporter('https://kepler:28282/metrics')] }),
    ],
    [
      'EXPORTER_URL',
      'http://a:1/metrics, http://b:2/metrics',
      scrapeWith({ exporters: [exporter('http://a:1/metrics'), exporter('http://b:2/metrics')] }),
    ],
    ['PORT', '0', { ...defaults, http: { ...defaults.http, port: 0 } }],
    ['PORT', '65535', { ...defaults, http: { ...defaults.http, port: 65_535 } }],
    ['HOST', '::1', { ...defaults, http: { ...defaults.http, host: '::1' } }],
    ['RETENTION', '90s', { ...defaults, retentionSeconds: 90 }],
    ['RETENTION', '60', { ...defaults, retentionSeconds: 60 }],
    ['RETENTION', '15m', { ...defaults, retentionSeconds: 900 }],
    ['RETENTION', '6h', { ...defaults, retentionSeconds: 21_600 }],
    ['RETENTION', '31d', { ...defaults, retentionSeconds: 2_678_400 }],
    ['EXPORTER_TIMEOUT', '300', scrapeWith({ timeoutSeconds: 300 })],
    ['EXPORTER_MAX_BODY_MB', '1', scrapeWith({ maxBodyBytes: 1_000_000 })],
    ['EXPORTER_MAX_SERIES', '500', scrapeWith({ maxSeries: 500 })],
    [
      'EXPORTER_BEARER_TOKEN_FILE',
      '/run/token',
      scrapeWith({ credentials: { kind: 'bearer', tokenFile: '/run/token' } }),
    ],
    [
      'EXPORTER_BASIC_AUTH_FILE',
      '/run/login',
      scrapeWith({ credentials: { kind: 'basic', file: '/run/login' } }),
    ],
    ['EXPORTER_CA_FILE', '/run/ca.pem', scrapeWith({ authorityFile: '/run/ca.pem' })],
    ['NODE_MAX_WATTS', '500', { ...defaults, nodeMaxWatts: 500 }],
    ['CO2_INTENSITIES', 'DE=148', intensitiesWith({ override: 'DE=148' })],
    ['INTENSITY_FILE', '/data/co2.csv', intensitiesWith({ file: '/data/co2.csv' })],
    [
      'DATA_DIR',
      '/data',
      { ...defaults, storage: { kind: 'sqlite', directory: '/data', retentionDays: undefined } },
    ],
    ['RETENTION_DAYS', '30', defaults],
    ['WRITE_QUEUE_MB', '5', { ...defaults, writeQueueBytes: 5_000_000 }],
    ['QUERY_TIMEOUT', '5', { ...defaults, queryTimeoutSeconds: 5 }],
    ['SHARD', '2/3', { ...defaults, shard: { index: 2, count: 3 } }],
    ['HOSTNAME', 'co2-api-1', defaults],
    ['KUBERNETES', 'off', kubernetesWith({ owners: 'off' })],
    ['KUBERNETES_ACCOUNT_DIR', '/run/account', kubernetesWith({ accountDirectory: '/run/account' })],
    ['KUBERNETES_SERVICE_HOST', '10.96.0.1', kubernetesWith({ host: '10.96.0.1' })],
    ['KUBERNETES_SERVICE_PORT', '443', kubernetesWith({ port: 443 })],
    ['LOG_LEVEL', 'silent', { ...defaults, logLevel: 'silent' }],
  ]
  for (const [variable, value, config] of accepted) {
    it(`takes ${variable}=${value}`, () => {
      assert.deepEqual(configFrom({ [variable]: value }), config)
    })
  }

  it('is noted when a database is named and not used', () => {
    const { storage, notices } = configFrom({ TSDB_DSN: 'postgresql://u:planted@db/co2' })
    assert.deepEqual(storage, { kind: 'memory' })
    assert.deepEqual(notices, [
      'TSDB_DSN is set and not used: measurements go to the database with MODE=db alone',
    ])
    assert.deepEqual(configFrom({ MODE: 'db', TSDB_DSN: 'postgresql://db/co2' }).notices, [])
  })

  it('finds exporters in several ways', () => {
    const addresses = 'http://a:1/metrics,dns+http://b:2/metrics,kubernetes://kepler/kepler:metrics/metrics'
    assert.deepEqual(
      configFrom({ EXPORTER_URL: addresses }).scrape.exporters.map(({ kind }) => kind),
      ['exporter', 'addresses', 'kubernetes-service'],
    )
  })

  it('is the shard of the number at the end of its name in a StatefulSet', () => {
    assert.deepEqual(configFrom({ SHARD: 'auto/3', HOSTNAME: 'co2-api-1' }).shard, { index: 1, count: 3 })
  })

  it('keeps measurements in a database, and what waits for it in a directory if there is one', () => {
    const database = { MODE: 'db', TSDB_DSN: 'postgresql://db/co2' }
    const storage = { kind: 'postgres', dsn: 'postgresql://db/co2', retentionDays: undefined } as const
    assert.deepEqual(configFrom(database).storage, { ...storage, spoolDirectory: undefined })
    assert.deepEqual(configFrom({ ...database, DATA_DIR: '/data', RETENTION_DAYS: '7' }).storage, {
      ...storage,
      retentionDays: 7,
      spoolDirectory: '/data',
    })
  })

  it('lets a scrape take an interval at most, and ten seconds at most, unless it is told otherwise', () => {
    assert.equal(configFrom({ SAMPLE_INTERVAL: '4' }).scrape.timeoutSeconds, 4)
    assert.equal(configFrom({ SAMPLE_INTERVAL: '40' }).scrape.timeoutSeconds, 10)
    assert.equal(configFrom({ SAMPLE_INTERVAL: '4', EXPORTER_TIMEOUT: '7' }).scrape.timeoutSeconds, 7)
  })
})

describe('a bad configuration', () => {
  const secondsADay = 'it must be a whole number from 1 to 86400'
  const metricsUrl =
    'it must be an http or https URL without user and password, such a URL after dns+ or (with a name as _metrics._tcp.kepler.kepler.svc and no port) after dnssrv+, or kubernetes://namespace/service:port/metrics; or several with commas in between, none of them twice'
  const shards = 'it must be i/n with i from 0 to n - 1 and n up to 1000, such as 0/3, or auto/n'
  const duration = 'it must be a duration such as 90s, 15m, 1h or 7d, from 60 s to 2678400 s'

  const refused: readonly (readonly [variable: string, value: string, problem: string])[] = [
    ['MODE', 'postgres', 'MODE holds "postgres"; it must be one of local, db'],
    ['MODE', 'LOCAL', 'MODE holds "LOCAL"; it must be one of local, db'],
    ['SAMPLE_INTERVAL', '0', `SAMPLE_INTERVAL holds "0"; ${secondsADay}`],
    ['SAMPLE_INTERVAL', '-5', `SAMPLE_INTERVAL holds "-5"; ${secondsADay}`],
    ['SAMPLE_INTERVAL', '2.5', `SAMPLE_INTERVAL holds "2.5"; ${secondsADay}`],
    ['SAMPLE_INTERVAL', '10s', `SAMPLE_INTERVAL holds "10s"; ${secondsADay}`],
    ['SAMPLE_INTERVAL', '1e3', `SAMPLE_INTERVAL holds "1e3"; ${secondsADay}`],
    ['SAMPLE_INTERVAL', '86401', `SAMPLE_INTERVAL holds "86401"; ${secondsADay}`],
    ['DB_FLUSH_INTERVAL', '0', `DB_FLUSH_INTERVAL holds "0"; ${secondsADay}`],
    ['EXPORTER_URL', 'kepler:9102', `EXPORTER_URL holds "kepler:9102"; ${metricsUrl}`],
    ['EXPORTER_URL', 'ftp://kepler/metrics', `EXPORTER_URL holds "ftp://kepler/metrics"; ${metricsUrl}`],
    ['EXPORTER_URL', 'http://', `EXPORTER_URL holds "http://"; ${metricsUrl}`],
    ['EXPORTER_URL', 'http://a/m,', `EXPORTER_URL holds "http://a/m,"; ${metricsUrl}`],
    [
      'EXPORTER_URL',
      'http://a/m,http://a:80/m',
      `EXPORTER_URL holds "http://a/m,http://a:80/m"; ${metricsUrl}`,
    ],
    ['SHARD', '3/3', `SHARD holds "3/3"; ${shards}`],
    ['SHARD', '0/0', `SHARD holds "0/0"; ${shards}`],
    ['SHARD', '0/1001', `SHARD holds "0/1001"; ${shards}`],
    ['SHARD', 'auto', `SHARD holds "auto"; ${shards}`],
    [
      'SHARD',
      'auto/3',
      'SHARD holds "auto/3", and HOSTNAME is not set; it must end in -0 to -2, as the pods of a StatefulSet with 3 replicas do',
    ],
    ['PORT', '65536', 'PORT holds "65536"; it must be a whole number from 0 to 65535'],
    ['PORT', 'http', 'PORT holds "http"; it must be a whole number from 0 to 65535'],
    ['RETENTION', '59s', `RETENTION holds "59s"; ${duration}`],
    ['RETENTION', '32d', `RETENTION holds "32d"; ${duration}`],
    ['RETENTION', '1w', `RETENTION holds "1w"; ${duration}`],
    ['RETENTION', '1h30m', `RETENTION holds "1h30m"; ${duration}`],
    ['EXPORTER_TIMEOUT', '0', 'EXPORTER_TIMEOUT holds "0"; it must be a whole number from 1 to 300'],
    ['EXPORTER_TIMEOUT', '301', 'EXPORTER_TIMEOUT holds "301"; it must be a whole number from 1 to 300'],
    ['EXPORTER_MAX_BODY_MB', '0', 'EXPORTER_MAX_BODY_MB holds "0"; it must be a whole number from 1 to 4096'],
    ['NODE_MAX_WATTS', '0', 'NODE_MAX_WATTS holds "0"; it must be a whole number from 1 to 10000000'],
    [
      'METRICS_ZONES',
      'DE,,FR',
      'METRICS_ZONES holds "DE,,FR"; it must be none, or a list of codes such as DE,FR,DK-DK1, at most 20',
    ],
    [
      'METRICS_ZONES',
      Array.from({ length: 21 }, () => 'DE').join(','),
      'METRICS_ZONES holds "DE,DE,DE,DE,DE,DE,DE,DE,DE,DE,DE,DE,DE,DE,DE,DE,DE,DE,DE,DE,DE"; it must be none, or a list of codes such as DE,FR,DK-DK1, at most 20',
    ],
    [
      'LOG_LEVEL',
      'verbose',
      'LOG_LEVEL holds "verbose"; it must be one of fatal, error, warn, info, debug, trace, silent',
    ],
  ]
  for (const [variable, value, problem] of refused) {
    it(`is named in one line with what is accepted: ${variable}=${value}`, () => {
      assert.deepEqual(problemsIn({ [variable]: value }), [problem])
    })
  }

  it('is told of with every problem at once', () => {
    const problems = problemsIn({ PORT: 'x', SAMPLE_INTERVAL: '0', LOG_LEVEL: 'loud', MODE: 'cloud' })
    assert.deepEqual(
      problems.map((problem) => problem.split(' ')[0]),
      ['MODE', 'SAMPLE_INTERVAL', 'PORT', 'LOG_LEVEL'],
    )
  })

  it('is shown on one line, whatever a variable holds', () => {
    assert.deepEqual(problemsIn({ PORT: '50\n01' }), [
      'PORT holds "50\\n01"; it must be a whole number from 0 to 65535',
    ])
  })

  it('is a database without its DSN', () => {
    assert.deepEqual(problemsIn({ MODE: 'db' }), [
      'TSDB_DSN is not set; MODE=db needs a PostgreSQL DSN such as postgresql://user:password@host:5432/database',
    ])
  })

  it('is two kinds of credentials for one exporter', () => {
    assert.deepEqual(
      problemsIn({ EXPORTER_BEARER_TOKEN_FILE: '/run/token', EXPORTER_BASIC_AUTH_FILE: '/run/login' }),
      ['EXPORTER_BEARER_TOKEN_FILE and EXPORTER_BASIC_AUTH_FILE are both set; a scrape accepts one of them'],
    )
  })

  it('never shows a password, neither of the database nor of an address', () => {
    const everythingBad = problemsIn({
      MODE: 'db',
      TSDB_DSN: 'postgresql://user:hunter2@db/co2',
      EXPORTER_URL: 'http://user:hunter2@a/metrics,http://user:hun,ter2@b/metrics',
      PORT: 'x',
    }).join('\n')
    assert.doesNotMatch(everythingBad, /hunter2|hun,|ter2/)
    assert.match(everythingBad, /EXPORTER_URL holds "…@b\/metrics"; /)
  })
})
