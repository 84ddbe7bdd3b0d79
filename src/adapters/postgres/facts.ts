import type { IntensityBasis, IntensityMethod, IntensitySignal } from '../../intensity/fact.ts'
import type { FactRecord } from '../../intensity/fact-store.ts'
import { gramsPerKilowattHour, instant } from '../../units.ts'
import { doubles, times } from './binary-parameters.ts'
import { isNullAt, milliseconds, numberAt, optionalTextAt, type Row, textAt } from './columns.ts'
import { digestOf } from './digest.ts'
import type { Session } from './session.ts'
import { inTransaction } from './transaction.ts'

const recordsPerStatement = 5000

/** Facts are few: who adds some waits for who adds others, so that they stand in one order. */
const lock = 'lock table carbon_intensity in share row exclusive mode'

export async function insertFacts(session: Session, records: readonly FactRecord[]): Promise<void> {
  const byDigest = new Map<string, FactRecord>()
  for (const record of records) {
    const digest = digestOf(record)
    if (!byDigest.has(digest)) byDigest.set(digest, record)
  }
  const all = [...byDigest]
  await inTransaction(session, async () => {
    await session.rows(lock)
    for (let at = 0; at < all.length; at += recordsPerStatement) {
      await insertPortion(session, all.slice(at, at + recordsPerStatement))
    }
  })
}

async function insertPortion(
  session: Session,
  records: readonly (readonly [digest: string, FactRecord])[],
): Promise<void> {
  const rows = records.map(([digest, record]) => ({ digest, ...columnsOf(record) }))
  await session.rows(
    `insert into carbon_intensity
       (digest, zone, source, retrieved_at, valid_from, valid_to, g_per_kwh, method, method_detail, year, signal, basis, rank)
     select digest, zone, source, retrieved_at, valid_from, valid_to, nullif(g_per_kwh, 'NaN'),
       method, method_detail, year, signal, basis, nullif(rank, 'NaN')
     from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
         $7::float8[], $8::text[], $9::text[], $10::int[], $11::text[], $12::text[], $13::float8[]) with ordinality
       as r (digest, zone, source, retrieved_at, valid_from, valid_to, g_per_kwh, method, method_detail, year, signal, basis, rank, place)
     order by place
     on conflict (digest) do nothing`,
    [
      rows.map(({ digest }) => digest),
      rows.map(({ zone }) => zone),
      rows.map(({ source }) => source),
      times(Float64Array.from(rows, ({ learnedAt }) => learnedAt)),
      times(Float64Array.from(rows, ({ valid }) => valid.from)),
      times(Float64Array.from(rows, ({ valid }) => valid.to)),
      doubles(Float64Array.from(rows, ({ intensity }) => intensity)),
      rows.map(({ method }) => method),
      rows.map(({ detail }) => detail),
      rows.map(({ year }) => year),
      rows.map(({ signal }) => signal),
      rows.map(({ basis }) => basis),
      doubles(Float64Array.from(rows, ({ rank }) => rank)),
    ],
  )
}

/** A withdrawal is about all times, and has no figure. */
function columnsOf(record: FactRecord) {
  switch (record.kind) {
    case 'fact': {
      const { method, ...fact } = record.fact
      return {
        ...fact,
        method: method.kind,
        detail: method.kind === 'estimated' ? (method.detail ?? null) : null,
        year: method.kind === 'annual-average' ? method.year : null,
      }
    }
    case 'withdrawal': {
      const { zone, source, at } = record.withdrawal
      const always = { from: -Infinity, to: Infinity }
      const nothing = { method: null, detail: null, year: null, signal: null, basis: null }
      return { zone, source, learnedAt: at, valid: always, intensity: NaN, rank: NaN, ...nothing }
    }
  }
}

export async function selectFacts(session: Session): Promise<readonly FactRecord[]> {
  const rows = await session.rows(
    `select zone, source, ${milliseconds('retrieved_at')}, g_per_kwh, ${milliseconds('valid_from')},
       ${milliseconds('valid_to')}, method, method_detail, year, signal, basis, rank
     from carbon_intensity order by retrieved_at, id`,
  )
  return rows.flatMap((row) => recordOf(row) ?? [])
}

/** Undefined for a fact of a kind that this version does not know: it cannot be told whether it may count. */
function recordOf(row: Row): FactRecord | undefined {
  const zone = textAt(row, 0)
  const source = textAt(row, 1)
  const learnedAt = instant(numberAt(row, 2))
  if (isNullAt(row, 3)) return { kind: 'withdrawal', withdrawal: { zone, source, at: learnedAt } }
  const method = methodOf(row)
  const signal = signals.find((known) => known === row[9])
  const basis = bases.find((known) => known === row[10])
  if (method === undefined || signal === undefined || basis === undefined) return undefined
  const fact = {
    zone,
    valid: { from: instant(numberAt(row, 4)), to: instant(numberAt(row, 5)) },
    intensity: gramsPerKilowattHour(numberAt(row, 3)),
    source,
    method,
    signal,
    basis,
    rank: numberAt(row, 11),
    learnedAt,
  }
  return { kind: 'fact', fact }
}

const signals: readonly IntensitySignal[] = ['average', 'marginal']
const bases: readonly IntensityBasis[] = ['lifecycle', 'direct', 'unstated']

function methodOf(row: Row): IntensityMethod | undefined {
  const kind = optionalTextAt(row, 6) ?? ''
  switch (kind) {
    case 'measured':
    case 'forecast':
    case 'configured':
      return { kind }
    case 'estimated': {
      const detail = optionalTextAt(row, 7)
      return detail === undefined ? { kind } : { kind, detail }
    }
    case 'annual-average':
      return { kind, year: numberAt(row, 8) }
    default:
      return undefined
  }
}
