import { gpuZone } from './kepler-series.ts'

/**
 * Which power zones of a node are summed. Zones overlap: `package` contains `core` and `uncore`, and `psys`
 * contains `package`. Only `dram` lies beside `package` (Kepler docs/user/metrics.md: "zones should not be summed").
 */
export type ZoneChoice = readonly string[]

/** Kepler's own order of importance, of both its meters: device/rapl and device/hwmon_power_meter.go. */
const primaryOrder = [
  'psys',
  'package',
  'socket',
  'cpu',
  'core',
  'ppt',
  'ppt0',
  'ppt1',
  'core_power',
  'io_power',
  'soc',
  'platform',
  'vddgfx',
  'dram',
  'uncore',
]

/** Chooses among the zones present: `psys`, else `package` with `dram` where there is one, else the primary one alone. */
export function chooseZones(present: ReadonlySet<string>): ZoneChoice {
  const processorZones = [...present].filter((zone) => zone !== gpuZone).toSorted()
  const primary = primaryOrder.find((zone) => present.has(zone)) ?? processorZones[0]
  if (primary === undefined) return []
  return primary === 'package' && present.has('dram') ? ['dram', 'package'] : [primary]
}
