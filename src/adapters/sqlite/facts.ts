import type { IntensityFact, IntensityMethod } from '../../intensity/fact.ts'
import type { FactRecord } from '../../intensity/fact-store.ts'
import { gramsPerKilowattHour, instant } from '../../units.ts'
import type { Database } from './database.ts'
import { isNull, numberIn, type Row, textIn, unexpected, wordIn } from './row.ts'

const insertFact = `
  INSERT INTO carbon_intensity (zone, source, retrieved_at_ms, method, method_detail, method_year,
    valid_from_ms, valid_to_ms, grams_co2e_per_kwh, signal, basis, rank)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`

const insertWithdrawal = `
  INSERT INTO carbon_intensity (zone, source, retrieved_at_ms, method)
  VALUES (?, ?, ?, 'withdrawn') ON CONFLICT DO NOTHING`

const signals = ['average', 'marginal'] as const
const bases = ['lifecycle', 'direct', 'unstated'] as const

export function addFacts(database: Database, records: readonly FactRecord[]): void {
  database.transaction(() => {
    for (const record of records) {
      switch (record.kind) {
        case 'fact':
          addFact(database, record.fact)
          break
        case 'withdrawal': {
          const { zone, source, at } = record.withdrawal
          database.run(insertWithdrawal, zone, source, at)
          break
        }
      }
    }
  })
}

function addFact(database: Database, fact: IntensityFact): void {
  const { zone, source, learnedAt, method, valid, intensity, signal, basis, rank } = fact
  const detail = method.kind === 'estimated' ? (method.detail ?? null) : null
  const year = method.kind === 'annual-average' ? method.year : null
  const figures = [valid.from, valid.to, intensity, signal, basis, rank]
  database.run(insertFact, zone, source, learnedAt, method.kind, detail, year, ...figures)
}

export function allFacts(database: Database): readonly FactRecord[] {
  return database.all('SELECT * FROM carbon_intensity ORDER BY id').map(recordIn)
}

function recordIn(row: Row): FactRecord {
  const zone = textIn(row, 'zone')
  const source = textIn(row, 'source')
  const learnedAt = instant(numberIn(row, 'retrieved_at_ms'))
  if (textIn(row, 'method') === 'withdrawn') {
    return { kind: 'withdrawal', withdrawal: { zone, source, at: learnedAt } }
  }
  const fact = {
    zone,
    valid: { from: instant(numberIn(row, 'valid_from_ms')), to: instant(numberIn(row, 'valid_to_ms')) },
    intensity: gramsPerKilowattHour(numberIn(row, 'grams_co2e_per_kwh')),
    source,
    method: methodIn(row),
    signal: wordIn(row, 'signal', signals),
    basis: wordIn(row, 'basis', bases),
    rank: numberIn(row, 'rank'),
    learnedAt,
  }
  return { kind: 'fact', fact }
}

function methodIn(row: Row): IntensityMethod {
  const kind = textIn(row, 'method')
  switch (kind) {
    case 'measured':
    case 'forecast':
    case 'configured':
      return { kind }
    case 'estimated':
      return isNull(row, 'method_detail') ? { kind } : { kind, detail: textIn(row, 'method_detail') }
    case 'annual-average':
      return { kind, year: numberIn(row, 'method_year') }
    default:
      throw unexpected(row, 'method')
  }
}
