import type { Instant } from '../units.ts'
import { lengthText } from './quantity-text.ts'
import type { Terminal } from './terminal.ts'

/** How far long work is, for a person who waits. */
export type Progress = {
  /** `share` of 1 is done; `where` says what was reached. */
  update(share: number, where: string): void
  /** Something to know, on a line of its own. */
  note(text: string): void
  /** Takes the progress away: what follows is the outcome. */
  end(): void
}

const carriageReturn = '\r'
const clearLine = '\u001B[K'
const redrawEveryMs = 200
/** Elsewhere than on a screen: a line every few per cent. */
const percentPerLine = 5
/** Before that, a remaining time is a guess. */
const leastElapsedMs = 2000

/** On a screen one line that is written over; else a line every few per cent, as a log wants it. */
export function createProgress(
  { say, isScreen, clock }: Pick<Terminal, 'say' | 'isScreen' | 'clock'>,
  what: string,
): Progress {
  const startedAt = clock.now()
  let drawnAt: Instant | undefined
  let nextPercent = percentPerLine
  let line = ''

  function remaining(share: number, now: Instant): string {
    const elapsed = now - startedAt
    if (share <= 0 || share >= 1 || elapsed < leastElapsedMs) return ''
    return `, ${lengthText((elapsed / 1000) * (1 / share - 1))} left`
  }

  return {
    update(share, where) {
      const now = clock.now()
      const percent = Math.floor(100 * share)
      const text = `${what} ${percent} %, ${where}${remaining(share, now)}`
      if (isScreen) {
        if (drawnAt !== undefined && now - drawnAt < redrawEveryMs && share < 1) return
        drawnAt = now
        line = text
        say(`${carriageReturn}${line}${clearLine}`)
      } else if (percent >= nextPercent) {
        nextPercent = percent - (percent % percentPerLine) + percentPerLine
        say(`${text}\n`)
      }
    },

    note(text) {
      if (isScreen) say(`${carriageReturn}${text}${clearLine}\n${line}`)
      else say(`${text}\n`)
    },

    end() {
      if (isScreen && line !== '') say(`${carriageReturn}${clearLine}`)
      line = ''
    },
  }
}
