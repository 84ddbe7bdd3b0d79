import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readZoneDirectory } from '../zones/zones.ts'
import { parseAreas, readAreas } from './areas.ts'

describe('the areas of ENTSO-E', () => {
  const areas = readAreas()

  it('are 58, each of them a zone in the directory', () => {
    const directory = readZoneDirectory()
    assert.equal(areas.size, 58)
    for (const zone of areas.keys()) {
      const found = directory.find(zone)
      assert.equal(found.kind === 'known' && found.zone, zone)
    }
  })

  it('have each a code of their own', () => {
    assert.equal(new Set(areas.values()).size, 58)
    assert.equal(areas.get('DE'), '10Y1001A1001A83F')
    assert.equal(areas.get('DK-DK1'), '10YDK-1--------W')
    assert.equal(areas.get('IT-NO'), '10Y1001A1001A73I')
  })

  it('are refused when they cannot be read', () => {
    for (const row of [',10YDK-1--------W,DK_1', 'DK-DK1,10YDK-1,DK_1', 'DK-DK1,,DK_1']) {
      assert.throws(() => parseAreas(`zone,eic,area\n${row}\n`), /areas: unreadable row/)
    }
    assert.throws(() => parseAreas('zone,eic\n'), /areas: the header is not zone,eic,area/)
  })
})
