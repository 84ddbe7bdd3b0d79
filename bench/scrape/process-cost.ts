import { globSync, readFileSync } from 'node:fs'

/**
 * The processor time, user and system, that a process has used so far: milliseconds. Linux counts it in nanoseconds for
 * each thread that lives; /proc/PID/stat has the ended ones too, but in steps of 10 ms.
 */
export function processorMilliseconds(pid: number): number {
  let nanoseconds = 0
  for (const file of globSync(`/proc/${pid}/task/*/schedstat`)) {
    nanoseconds += Number(readFileSync(file, 'utf8').split(' ')[0])
  }
  return nanoseconds / 1e6
}

/** Physical memory that the process holds now: bytes. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
}
