import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { createZoneDirectory } from '../../intensity/zone.ts'
import { parseHeaders, readUserEndpoint } from './read-user-endpoint.ts'

const directory = createZoneDirectory([{ code: 'DE', name: 'Germany' }])
const description = {
  url: 'https://grid.example/',
  items: '',
  from: '/from',
  to: '/to',
  value: '/value',
  unit: 'gCO2e/kWh',
  zones: ['DE'],
}

async function inFolder(use: (folder: string) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'co2-api-endpoint-'))
  try {
    await use(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('the file that INTENSITY_ENDPOINT names', () => {
  it('describes an endpoint, with headers from a file of their own', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'endpoint.json')
      const headersFile = join(folder, 'headers')
      await writeFile(headersFile, 'Authorization: Bearer abc\n\nX-Area:  1 \n')
      await writeFile(path, JSON.stringify({ ...description, headersFile }))
      const reading = await readUserEndpoint(path, directory)
      assert.ok(reading.kind === 'ok')
      assert.equal(reading.description.url, 'https://grid.example/')
      assert.deepEqual(reading.headers, { authorization: 'Bearer abc', 'x-area': '1' })
    })
  })

  it('needs no headers', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'endpoint.json')
      await writeFile(path, JSON.stringify(description))
      const reading = await readUserEndpoint(path, directory)
      assert.deepEqual(reading.kind === 'ok' && reading.headers, {})
    })
  })

  it('is a problem by its path, when it or its headers cannot be read', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'endpoint.json')
      const problems = async () => {
        const reading = await readUserEndpoint(path, directory)
        return reading.kind === 'problems' ? reading.problems : []
      }
      const accepted = 'accepted is the path of a readable file'
      assert.deepEqual(await problems(), [
        `INTENSITY_ENDPOINT: ${path}: it cannot be read (ENOENT); ${accepted}`,
      ])

      await writeFile(path, JSON.stringify({ ...description, unit: 'g', items: 7 }))
      assert.equal((await problems()).length, 2)

      const headersFile = join(folder, 'headers')
      await writeFile(path, JSON.stringify({ ...description, headersFile }))
      assert.deepEqual(await problems(), [
        `INTENSITY_ENDPOINT: ${path}: headersFile cannot be read (ENOENT); ${accepted}`,
      ])

      await writeFile(headersFile, 'A: b\nplanted secret')
      assert.deepEqual(await problems(), [
        `INTENSITY_ENDPOINT: ${path}: headersFile line 2 is no header; accepted are lines such as "Name: value"`,
      ])
    })
  })
})

describe('a file of headers', () => {
  it('has one a line, empty lines aside', () => {
    assert.deepEqual(parseHeaders('A-b: c: d\r\n\r\nE:\n'), { kind: 'ok', headers: { 'a-b': 'c: d', e: '' } })
    assert.deepEqual(parseHeaders(''), { kind: 'ok', headers: {} })
  })

  it('is refused at the first line that is none', () => {
    for (const line of ['A', ': b', 'A b: c', 'A: \u0001', 'A: ü']) {
      assert.deepEqual(parseHeaders(`X: y\n${line}`), { kind: 'unreadable-line', line: 2 })
    }
  })
})
