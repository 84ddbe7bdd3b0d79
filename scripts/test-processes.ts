import { matchesGlob } from 'node:path'

/** The tests of one process; `name` only where several files share it. */
export type TestProcess = { readonly name?: string; readonly tests: readonly string[] }

/**
 * Tests that share a process, since they leave nothing behind in it: one for each file would spend more on its start, and
 * on compiling the same modules, than on its tests.
 */
const shared = [
  { name: 'http', of: 'src/adapters/http/*' },
  { name: 'adapters', of: 'src/adapters/!(http|postgres|sqlite|spool|electricity-maps-page)/*' },
  { name: 'energy', of: 'src/{energy,exposition}/*' },
  { name: 'flows', of: 'src/flows/*' },
  {
    name: 'others',
    of: '{src/*,src/{emissions,intensity,service}/*,dashboard/src/**,scripts/*,simulator/*}',
  },
] as const

/**
 * What takes longest, by what its path begins with: it begins first, or it would run alone in the end. What computes and
 * what waits take turns, so that both are under way at any time.
 */
const first = [
  'test/dashboard/dashboard',
  'test/end-to-end/targets',
  'src/adapters/postgres/postgres-store',
  'src/adapters/electricity-maps-page/electricity-maps-page-source',
  'test/dashboard/real-service',
  'test/prometheus/backfill',
  'test/hostile/',
  'src/adapters/http/',
  'test/end-to-end/lifecycle',
  'test/end-to-end/restart',
  'test/end-to-end/live-intensity',
  'test/grafana/prometheus-dashboard',
  'src/adapters/sqlite/sqlite-store',
  'src/adapters/spool/spool',
  'src/adapters/postgres/outage',
]

/** Divides the test files among processes, in the order in which these are to begin. */
export function testProcesses(tests: readonly string[]): readonly TestProcess[] {
  const byName = new Map<string, TestProcess>()
  for (const test of tests.toSorted((a, b) => a.localeCompare(b))) {
    const name = shared.find(({ of }) => matchesGlob(test, of))?.name
    const others = byName.get(name ?? test)?.tests ?? []
    byName.set(name ?? test, { ...(name === undefined ? {} : { name }), tests: [...others, test] })
  }
  const place = ({ tests: [test = ''] }: TestProcess) => {
    const found = first.findIndex((beginning) => test.startsWith(beginning))
    return found === -1 ? first.length : found
  }
  return [...byName.values()].sort((a, b) => place(a) - place(b))
}
