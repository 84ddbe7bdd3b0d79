/** Prints the licences of all packages, and ends with 1 when one of them is not on the list. */
import { licenceProblems } from './licences.ts'
import { readLockFile } from './lock-file.ts'

const packages = readLockFile()
for (const [licence, under] of Map.groupBy(packages, (one) => one.licence ?? 'none').entries()) {
  const shipped = under.filter(({ use }) => use !== 'development').length
  console.log(`${licence}: ${under.length} packages, ${shipped} of them shipped`)
}
for (const problem of licenceProblems(packages)) {
  console.error(problem)
  process.exitCode = 1
}
