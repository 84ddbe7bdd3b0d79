import { createSocket } from 'node:dgram'

export type DnsRecord =
  | { readonly type: 'A'; readonly address: string }
  | { readonly type: 'AAAA'; readonly address: string }
  | { readonly type: 'SRV'; readonly name: string; readonly port: number }

export type DnsServer = AsyncDisposable & {
  /** `127.0.0.1:port`, as a resolver takes it. */
  readonly address: string
  /** Records by full name; other names do not exist. */
  readonly records: Map<string, readonly DnsRecord[]>
  /** The full names that were asked for, in order. */
  readonly questions: readonly string[]
  /** `fails` answers every question with SERVFAIL, `silent` with nothing. */
  mood: 'answers' | 'fails' | 'silent'
}

const typeNumbers = { A: 1, AAAA: 28, SRV: 33 } as const
const classInternet = 1
const headerBytes = 12
const serverFailure = 2
const noSuchName = 3
/** A name that stands where the question's name does, as a pointer. RFC 1035, 4.1.4. */
const pointerToQuestion = Buffer.from([0xc0, headerBytes])

/** A name server on this machine, over UDP. RFC 1035; RFC 3596 for AAAA; RFC 2782 for SRV. */
export async function startDnsServer(): Promise<DnsServer> {
  const records = new Map<string, readonly DnsRecord[]>()
  const questions: string[] = []
  let mood: DnsServer['mood'] = 'answers'
  const socket = createSocket('udp4')
  socket.on('message', (message, sender) => {
    const { name, type, end } = questionIn(message)
    questions.push(name)
    if (mood === 'silent') return
    const known = records.get(name.toLowerCase())
    const code = mood === 'fails' ? serverFailure : known === undefined ? noSuchName : 0
    const answers = code === 0 ? (known ?? []).filter((record) => typeNumbers[record.type] === type) : []
    const header = Buffer.alloc(headerBytes)
    message.copy(header, 0, 0, 2)
    // An answer, recursion desired and available.
    header.writeUInt16BE(0x8180 | code, 2)
    header.writeUInt16BE(1, 4)
    header.writeUInt16BE(answers.length, 6)
    const question = message.subarray(headerBytes, end)
    socket.send(Buffer.concat([header, question, ...answers.map(encoded)]), sender.port, sender.address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  return {
    address: `127.0.0.1:${socket.address().port}`,
    records,
    questions,
    get mood() {
      return mood
    },
    set mood(next) {
      mood = next
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => socket.close(resolve))
    },
  }
}

function questionIn(message: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = []
  let at = headerBytes
  for (;;) {
    const length = message.readUInt8(at)
    at += 1
    if (length === 0) break
    labels.push(message.toString('latin1', at, at + length))
    at += length
  }
  return { name: labels.join('.'), type: message.readUInt16BE(at), end: at + 4 }
}

function encoded(record: DnsRecord): Buffer {
  const data = dataOf(record)
  const fixed = Buffer.alloc(10)
  fixed.writeUInt16BE(typeNumbers[record.type], 0)
  fixed.writeUInt16BE(classInternet, 2)
  fixed.writeUInt16BE(data.length, 8)
  return Buffer.concat([pointerToQuestion, fixed, data])
}

function dataOf(record: DnsRecord): Buffer {
  switch (record.type) {
    case 'A':
      return Buffer.from(record.address.split('.').map(Number))
    case 'AAAA': {
      const [head = '', tail = ''] = record.address.split('::')
      const groups = (text: string) => text.split(':').filter(Boolean)
      const zeros = Array.from({ length: 8 - groups(head).length - groups(tail).length }, () => '0')
      const data = Buffer.alloc(16)
      for (const [at, group] of [...groups(head), ...zeros, ...groups(tail)].entries())
        data.writeUInt16BE(Number.parseInt(group, 16), 2 * at)
      return data
    }
    case 'SRV': {
      const fixed = Buffer.alloc(6)
      fixed.writeUInt16BE(record.port, 4)
      const labels = record.name
        .split('.')
        .map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`))
      return Buffer.concat([fixed, ...labels, Buffer.from([0])])
    }
  }
}
