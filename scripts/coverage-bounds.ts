/** The least share of branches that tests must take, in percent. */
const bounds: ReadonlyMap<string, number> = new Map([
  ['src/exposition', 95],
  ['src/energy', 95],
  ['src/intensity', 95],
  ['src/emissions', 95],
  ['src', 85],
])

export type BranchShare = { readonly taken: number; readonly all: number }

/** Branches taken per bounded folder, out of an lcov report (geninfo(1): `SF` file, `BRDA` line,block,branch,taken). */
export function branchShares(lcov: string): ReadonlyMap<string, BranchShare> {
  const shares = new Map<string, { taken: number; all: number }>()
  let folders: readonly string[] = []
  for (const line of lcov.split('\n')) {
    if (line.startsWith('SF:')) {
      const file = line.slice(3)
      folders = [...bounds.keys()].filter((folder) => file.startsWith(`${folder}/`))
    } else if (line.startsWith('BRDA:')) {
      const isTaken = !/,(0|-)$/.test(line.trim())
      for (const folder of folders) {
        const share = shares.get(folder) ?? { taken: 0, all: 0 }
        shares.set(folder, { taken: share.taken + (isTaken ? 1 : 0), all: share.all + 1 })
      }
    }
  }
  return shares
}

/** One sentence for each bounded folder that falls short of its bound, or was not measured at all. */
export function shortfalls(shares: ReadonlyMap<string, BranchShare>): readonly string[] {
  const sentences: string[] = []
  for (const [folder, bound] of bounds) {
    const share = shares.get(folder)
    if (share === undefined) sentences.push(`no branch of ${folder} was measured`)
    else if (100 * share.taken < bound * share.all) {
      sentences.push(
        `only ${share.taken} of ${share.all} branches of ${folder} were taken; ${bound} % are asked for`,
      )
    }
  }
  return sentences
}
