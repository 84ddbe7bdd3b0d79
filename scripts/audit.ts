/**
 * Asks the registry for known vulnerabilities of what ships, and ends with 1 when one is high or critical. A registry that
 * answers no such question is named; with `--demand-answer` that, too, ends with 1.
 */
import { spawnSync } from 'node:child_process'

const { stdout, error } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8' })
if (error !== undefined) throw error

/** How many there are of each severity, or why that is not known. */
function readAnswer(text: string): ReadonlyMap<string, number> | string {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    return 'the answer is no JSON'
  }
  if (typeof answer !== 'object' || answer === null) return 'the answer is no object'
  if ('metadata' in answer && typeof answer.metadata === 'object' && answer.metadata !== null) {
    const counts: unknown = 'vulnerabilities' in answer.metadata ? answer.metadata.vulnerabilities : undefined
    if (typeof counts === 'object' && counts !== null)
      return new Map(Object.entries(counts).map(([severity, count]) => [severity, Number(count)]))
  }
  return 'message' in answer ? String(answer.message) : text.slice(0, 200)
}

const answer = readAnswer(stdout)
if (typeof answer === 'string') {
  console.error(`Nothing is known: the registry does not answer audits here (${answer}).`)
  if (process.argv.includes('--demand-answer')) process.exitCode = 1
} else {
  console.log([...answer].map(([severity, count]) => `${severity}: ${count}`).join(', '))
  if ((answer.get('high') ?? 0) + (answer.get('critical') ?? 0) > 0) process.exitCode = 1
}
