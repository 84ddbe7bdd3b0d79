/** One of a few, side by side. */
export function Choice<T extends string>({
  label,
  options,
  chosen,
  onChoose,
}: {
  readonly label: string
  readonly options: readonly { readonly value: T; readonly words: string }[]
  readonly chosen: T | undefined
  readonly onChoose: (value: T) => void
}) {
  return (
    <div class="choice" role="group" aria-label={label}>
      {options.map(({ value, words }) => (
        <button key={value} type="button" aria-pressed={value === chosen} onClick={() => onChoose(value)}>
          {words}
        </button>
      ))}
    </div>
  )
}
