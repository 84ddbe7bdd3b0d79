/** Drawn on a grid of 16, with a line of 1.5. */
const paths = {
  up: 'M8 13V3M3.5 7.5 8 3l4.5 4.5',
  down: 'M8 3v10M3.5 8.5 8 13l4.5-4.5',
  level: 'M3 6h10M3 10h10',
  good: 'M3 8.5 6.5 12 13 4.5',
  care: 'M8 2.5 14.5 13.5h-13ZM8 6.5v3.2M8 11.6v.1',
  bad: 'M4 4l8 8M12 4l-8 8',
  light:
    'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1.2v1.4M8 13.4v1.4M1.2 8h1.4M13.4 8h1.4M3.2 3.2l1 1M11.8 11.8l1 1M12.8 3.2l-1 1M4.2 11.8l-1 1',
  dark: 'M13 9.6A5.6 5.6 0 0 1 6.4 3a5.6 5.6 0 1 0 6.6 6.6Z',
  system: 'M2.5 3.5h11v7h-11ZM6 13.5h4M8 10.5v3',
  chevron: 'M4 6.5 8 10.5l4-4',
  next: 'M6 3.5 10.5 8 6 12.5',
  close: 'M4.5 4.5l7 7M11.5 4.5l-7 7',
  search: 'M7 2.8a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4M10.2 10.2 13.5 13.5',
  download: 'M8 2.5v8M4.5 7 8 10.5 11.5 7M3 13.5h10',
  time: 'M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M8 5v3.2l2.2 1.4',
  place:
    'M8 14s4.6-4.3 4.6-7.6a4.6 4.6 0 1 0-9.2 0C3.4 9.7 8 14 8 14ZM8 4.8a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2',
  home: 'M2.5 7.5 8 3l5.5 4.5M4.2 6.5v6.5h7.6V6.5',
  overview: 'M2.5 12.5a5.8 5.8 0 1 1 11 0M8 9.5l2.6-3.4M8 9.2v.6',
  explorer: 'M2.5 13h11M4 13V8.5M8 13V3M12 13V6',
  comparison: 'M2.5 4h11M2.5 8h7M2.5 12h4',
  intensity: 'M9 1.8 3.6 9h3.9L7 14.2 12.4 7H8.5Z',
  quality: 'M8 1.8 13.2 4v4c0 3-2.2 5.2-5.2 6.2C5 13.2 2.8 11 2.8 8V4ZM5.6 8l1.8 1.8L10.6 6.4',
} as const

export type IconName = keyof typeof paths

/** A picture beside words that say the same. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  )
}
