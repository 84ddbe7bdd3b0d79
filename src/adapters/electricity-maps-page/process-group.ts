import { readdirSync, readFileSync } from 'node:fs'

export type RunningProcess = {
  readonly pid: number
  readonly parent: number
  readonly group: number
  /** False for one that has ended and whose parent has not asked how (a zombie). */
  readonly isRunning: boolean
  /** User and system time, that of the children included which it has outlived. */
  readonly cpuSeconds: number
}

/** Linux counts CPU time for programs in hundredths of a second (USER_HZ), whatever its kernel does. */
const ticksPerSecond = 100

/** Every process of the machine that can be seen. None where there is no /proc. */
export function everyProcess(): readonly RunningProcess[] {
  return processIds().flatMap((pid) => {
    // The name, in brackets, may hold anything; the fields after it are numbered from 3 in proc_pid_stat(5).
    const stat = textOrNothing(`/proc/${pid}/stat`)
    if (stat === '') return []
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const field = (number: number) => Number(fields[number - 3])
    const isRunning = fields[0] !== 'Z' && fields[0] !== 'X'
    const ticks = field(14) + field(15) + field(16) + field(17)
    return [{ pid, parent: field(4), group: field(5), isRunning, cpuSeconds: ticks / ticksPerSecond }]
  })
}

/** The processes of one process group, zombies included. */
export function membersOf(group: number): readonly RunningProcess[] {
  return everyProcess().filter((found) => found.group === group)
}

/**
 * The memory that a process group holds, in bytes: each page that several of its processes share is counted once
 * (PSS), or in every one of them (RSS) where the kernel does not tell. 0 where there is no /proc.
 */
export function memoryOf(group: number): number {
  return membersOf(group).reduce((sum, { pid }) => sum + memoryOfProcess(pid), 0)
}

/** The memory of one process alone, in bytes, counted in the same way. */
export function memoryOfProcess(pid: number): number {
  const kibibytes =
    /^Pss:\s+(\d+) kB/m.exec(textOrNothing(`/proc/${pid}/smaps_rollup`))?.[1] ??
    /^VmRSS:\s+(\d+) kB/m.exec(textOrNothing(`/proc/${pid}/status`))?.[1]
  return Number(kibibytes ?? 0) * 1024
}

/** Sends a signal to every process of the group. That there are none left is fine. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal)
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ESRCH')) throw cause
  }
}

function processIds(): readonly number[] {
  try {
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []))
  } catch {
    return []
  }
}

/** Processes end while they are looked at. */
function textOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
