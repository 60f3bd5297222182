/** A stream of events as the server writes it: lines, whatever pieces they come in. */

export interface Told {
  name: string
  data: Record<string, unknown>
}

export interface EventReader {
  feed(piece: string): void
  /** The place in the stream, to go on from. */
  readonly lastId: string | null
}

/** Tells each event as soon as its empty line has come; comments and unknown fields are passed over. */
export function eventReader(tell: (event: Told) => void, lastId: string | null = null): EventReader {
  const reader = { rest: '', name: '', data: [] as string[], lastId }
  const end = () => {
    if (reader.name !== '') tell({ name: reader.name, data: objectOf(reader.data.join('\n')) })
    reader.name = ''
    reader.data = []
  }
  const take = (line: string) => {
    if (line === '') return end()
    const at = line.indexOf(':')
    const [field, value] = at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1).replace(/^ /, '')]
    if (field === 'event') reader.name = value
    else if (field === 'data') reader.data.push(value)
    else if (field === 'id') reader.lastId = value
  }
  return {
    feed: (piece) => {
      const lines = (reader.rest + piece).split(/\r?\n/)
      reader.rest = lines.pop() ?? ''
      lines.forEach(take)
    },
    get lastId() {
      return reader.lastId
    },
  }
}

function objectOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
