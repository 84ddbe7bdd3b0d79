/**
 * Every row of a list that is told in pages. `readPage` answers with the rows from `offset` on; a page with fewer
 * than `pageSize` of them is the last. Stops before `mostRows`: a server that repeats itself does not hold us for ever.
 */
export async function allPages<Row>(
  { pageSize, mostRows }: { readonly pageSize: number; readonly mostRows: number },
  readPage: (offset: number) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const rows: Row[] = []
  while (rows.length + pageSize <= mostRows) {
    const page = await readPage(rows.length)
    rows.push(...page)
    if (page.length < pageSize) break
  }
  return rows
}
