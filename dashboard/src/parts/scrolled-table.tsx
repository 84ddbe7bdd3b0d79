import type { ComponentChildren } from 'preact'

/** A table that scrolls by itself where it is wider or longer than its place, also by keyboard. */
export function ScrolledTable({
  label,
  columns,
  children,
}: {
  readonly label: string
  readonly columns: readonly { readonly words: string; readonly isNumber?: boolean }[]
  /** Its rows. */
  readonly children: ComponentChildren
}) {
  return (
    <div class="table-scroller" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map(({ words, isNumber = false }) => (
              <th key={words} scope="col" class={isNumber ? 'cell-number' : undefined}>
                {words}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  )
}
