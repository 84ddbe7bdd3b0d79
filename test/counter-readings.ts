import type { CounterReadings, EnergyCounter } from '../src/energy/reading.ts'

/** A counter together with what it shows: as tests write it. */
export type CounterReading = EnergyCounter & { readonly joules: number }

export function readingsOf(rows: readonly CounterReading[]): CounterReadings {
  return {
    counters: rows.map(({ joules: _, ...counter }) => counter),
    joules: Float64Array.from(rows, ({ joules }) => joules),
  }
}

export function rowsOf({ counters, joules }: CounterReadings): readonly CounterReading[] {
  return counters.map((counter, index) => ({ ...counter, joules: joules[index] ?? Number.NaN }))
}
