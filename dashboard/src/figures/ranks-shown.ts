/** A row of a ranking, or the number of rows that are left out in its place. */
export type ShownRank<T> =
  | { readonly kind: 'row'; readonly row: T }
  | { readonly kind: 'left-out'; readonly count: number; readonly after: number }

const first = 10
const last = 3
const beside = 2

/** The first rows, the last ones, those that matter and their neighbours; a single row is never left out. */
export function ranksShown<T>(rows: readonly T[], matters: (row: T) => boolean): readonly ShownRank<T>[] {
  const isShown = rows.map(
    (_, at) =>
      at < first ||
      at >= rows.length - last ||
      rows.slice(Math.max(0, at - beside), at + beside + 1).some(matters),
  )
  const shown: ShownRank<T>[] = []
  for (const [at, row] of rows.entries()) {
    const before = shown.at(-1)
    const isAlone = isShown[at - 1] !== false && isShown[at + 1] !== false
    if (isShown[at] === true || isAlone) shown.push({ kind: 'row', row })
    else if (before?.kind === 'left-out') shown[shown.length - 1] = { ...before, count: before.count + 1 }
    else shown.push({ kind: 'left-out', count: 1, after: at })
  }
  return shown
}
