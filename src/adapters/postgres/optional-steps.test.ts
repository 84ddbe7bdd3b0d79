import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import pg from 'pg'
import { useCitus } from './citus.ts'
import { useTimescale } from './timescale.ts'

/** What a server answers with: the SQLSTATE for statements that contain a text, rows for others. */
type Answers = {
  readonly refused?: Readonly<Record<string, string>>
  readonly found?: readonly string[]
}

/** A stand-in for servers that these tests do not have. */
function server({ refused = {}, found = [] }: Answers) {
  const done: string[] = []
  const notices: string[] = []
  return {
    done,
    notices,
    onNotice: (text: string) => notices.push(text),
    execute: async (sql: string) => {
      for (const [text, code] of Object.entries(refused)) {
        if (!sql.includes(text)) continue
        const error = new pg.DatabaseError(`refused: ${text}`, 0, 'error')
        error.code = code
        throw error
      }
      const isQuestion = sql.startsWith('select from')
      if (!isQuestion) done.push(sql.trim().replaceAll(/\s+/g, ' '))
      return isQuestion && found.some((text) => sql.includes(text)) ? [[]] : []
    },
  }
}

async function used(answers: Answers, retentionDays = 30) {
  const { execute, done, notices, onNotice } = server(answers)
  await useTimescale(execute, { retentionDays, sampleIntervalSeconds: 10, onNotice })
  return { done, notices, words: done.map((sql) => /(\w+)\s*\(|(?:view|table) (\w+)/.exec(sql)?.[0] ?? sql) }
}

describe('TimescaleDB', () => {
  it('of the community edition does everything', async () => {
    const { words, notices } = await used({})
    assert.deepEqual(notices, [])
    assert.deepEqual(words, [
      'create_hypertable(',
      'table container_metrics',
      'add_columnstore_policy(',
      'add_retention_policy(',
      'view container_metrics_hourly',
      'add_continuous_aggregate_policy(',
      'refresh_continuous_aggregate(',
      'view container_metrics_daily',
      'add_continuous_aggregate_policy(',
      'refresh_continuous_aggregate(',
    ])
  })

  it('packs rows by container, in the order of time, a day after they came', async () => {
    const { done } = await used({})
    assert.match(
      done[1] ?? '',
      /enable_columnstore = true, timescaledb\.segmentby = 'container_ref, pod_id, container_name, namespace', timescaledb\.orderby = 'time desc'\)$/,
    )
    assert.match(done[2] ?? '', /after => interval '1 day'/)
    assert.match(done[3] ?? '', /interval '30 days'/)
  })

  it('sums the predecessor’s rows by its interval', async () => {
    const { done } = await used({})
    assert.match(done[4] ?? '', /sum\(coalesce\(joules, energy_consumption \* 10\)\) as joules/)
  })

  it('of the Apache edition makes a hypertable, and tells of each other step in one line', async () => {
    const { words, notices } = await used({
      refused: {
        'alter table': '0A000',
        add_retention_policy: '0A000',
        'create materialized view': '0A000',
      },
    })
    assert.deepEqual(words, ['create_hypertable('])
    assert.equal(notices.length, 4)
    assert.ok(
      notices.every((notice) => /^[^\n]+: refused: .* \(0A000\)$/.test(notice)),
      notices.join('\n'),
    )
  })

  it('of an older version is spoken to in its words', async () => {
    const { words, notices, done } = await used({
      refused: { by_range: '42883', enable_columnstore: '22023', add_columnstore_policy: '42883' },
    })
    assert.deepEqual(notices, [])
    assert.deepEqual(words.slice(0, 3), [
      'create_hypertable(',
      'table container_metrics',
      'add_compression_policy(',
    ])
    assert.match(done[0] ?? '', /'time', chunk_time_interval => interval '1 day'/)
    assert.match(done[1] ?? '', /timescaledb\.compress = true/)
  })

  it('that may not touch the table leaves it plain, and does no more', async () => {
    const { done, notices } = await used({ refused: { create_hypertable: '42501' } })
    assert.deepEqual(done, [])
    assert.deepEqual(notices, [
      'TimescaleDB does not make container_metrics a hypertable; it stays a plain table: refused: create_hypertable (42501)',
    ])
  })

  it('that has done it all before is left as it is', async () => {
    const { words, notices } = await used({
      found: ['timescaledb_information.hypertables', 'timescaledb_information.jobs', 'pg_class'],
    })
    assert.deepEqual(notices, [])
    assert.deepEqual(words, ['add_continuous_aggregate_policy(', 'add_continuous_aggregate_policy('])
  })

  it('with a policy of another age gets the new one', async () => {
    const { execute, done, onNotice } = server({
      found: ['timescaledb_information.hypertables', 'timescaledb_information.jobs', 'pg_class'],
      refused: { "interval '7 days'": '42704' },
    })
    await useTimescale(
      (sql) =>
        sql.includes("= interval '7 days'")
          ? Promise.resolve([])
          : execute(sql.replace("interval '7 days'", '7')),
      { retentionDays: 7, sampleIntervalSeconds: 10, onNotice },
    )
    assert.deepEqual(
      done.slice(0, 2).map((sql) => /(\w+)\(/.exec(sql)?.[1]),
      ['remove_retention_policy', 'add_retention_policy'],
    )
  })

  it('keeps no sums whose refresh would reach beyond the retention', async () => {
    const { words, notices } = await used({}, 3)
    assert.ok(words.includes('view container_metrics_hourly'))
    assert.ok(!words.includes('view container_metrics_daily'))
    assert.deepEqual(notices, [
      'container_metrics_daily is not made: a retention of 3 days is too short for it',
    ])
  })

  it('that goes away meanwhile is an error', async () => {
    await assert.rejects(used({ refused: { 'alter table': '57P01' } }), /refused: alter table/)
  })
})

describe('Citus', () => {
  it('distributes the table by container, after the predecessor’s rows have got numbers', async () => {
    const { execute, done, notices, onNotice } = server({})
    await useCitus(execute, onNotice)
    assert.equal(done.length, 1)
    assert.match(
      done[0] ?? '',
      /update container_metrics .* create_reference_table\('container_refs'\); select create_distributed_table\('container_metrics', 'container_ref'\);$/,
    )
    assert.deepEqual(notices, [])
  })

  it('leaves a table that is distributed', async () => {
    const { execute, done, onNotice } = server({ found: ['pg_dist_partition'] })
    await useCitus(execute, onNotice)
    assert.deepEqual(done, [])
  })

  it('that refuses leaves the table on one machine, and says so', async () => {
    const { execute, notices, onNotice } = server({ refused: { create_distributed_table: '0A000' } })
    await useCitus(execute, onNotice)
    assert.deepEqual(notices, [
      'Citus does not distribute container_metrics; it stays on one machine: refused: create_distributed_table (0A000)',
    ])
  })
})
