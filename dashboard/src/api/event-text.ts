/** An event of an event stream: its name, and the text of its data. */
export type StreamEvent = { readonly name: string; readonly data: string }

/** Longer lines are none of ours: an event of the service takes a few hundred characters. */
const mostCharacters = 1_000_000

/**
 * Takes the text of an event stream piece by piece and gives the events that it completes. Comments are left out.
 * Throws a RangeError for a line without end. Format: HTML Standard, section 9.2.6.
 */
export function createEventReader(): (piece: string) => readonly StreamEvent[] {
  let rest = ''
  let name = ''
  let data: string[] = []
  return (piece) => {
    const lines = (rest + piece).split(/\r\n|\n|\r/)
    rest = lines.pop() ?? ''
    if (rest.length > mostCharacters) throw new RangeError('a line of the event stream has no end')
    const events: StreamEvent[] = []
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) events.push({ name: name || 'message', data: data.join('\n') })
        name = ''
        data = []
        continue
      }
      const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? []
      if (field === 'event') name = value
      else if (field === 'data') data.push(value)
    }
    return events
  }
}
