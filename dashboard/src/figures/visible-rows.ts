/** What of a long table is drawn. All heights are in pixels. */
export type VisibleRows = {
  readonly first: number
  /** The row after the last one. */
  readonly end: number
  /** The height of the rows above and below that are left out. */
  readonly above: number
  readonly below: number
}

/** Rows are drawn in blocks of so many, so that most scrolling changes nothing. */
const block = 10

/** The rows that can be seen, and at least a block more on either side. */
export function visibleRows(table: {
  readonly rows: number
  readonly rowHeight: number
  readonly scrolled: number
  readonly height: number
}): VisibleRows {
  const { rows, rowHeight, scrolled, height } = table
  const firstSeen = Math.min(Math.max(0, Math.floor(scrolled / rowHeight)), Math.max(0, rows - 1))
  const endSeen = Math.ceil((Math.max(0, scrolled) + height) / rowHeight)
  const first = Math.max(0, (Math.floor(firstSeen / block) - 1) * block)
  const end = Math.min(rows, (Math.ceil(endSeen / block) + 1) * block)
  return {
    first,
    end: Math.max(first, end),
    above: first * rowHeight,
    below: Math.max(0, rows - end) * rowHeight,
  }
}
