import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  addressOf,
  dimensions,
  firstPlace,
  measures,
  mostZones,
  nextOrder,
  noFilters,
  type Place,
  placeAt,
  themes,
  views,
  within,
} from './place.ts'

const names = fc.array(fc.string({ minLength: 1, maxLength: 20 }), { maxLength: 2 })
const zone = fc.stringMatching(/^[A-Z]{2}(-[A-Z0-9]{1,4})?$/)

const plain = { noNullPrototype: true }

const anyPlace: fc.Arbitrary<Place> = fc.record(
  {
    view: fc.constantFrom(...views),
    range: fc.constantFrom<Place['range']>(
      undefined,
      { kind: 'last', seconds: 900 },
      { kind: 'today' },
      { kind: 'between', from: Date.UTC(2026, 1, 11), to: Date.UTC(2026, 1, 12) },
    ),
    zones: fc.uniqueArray(zone, { maxLength: mostZones }),
    filters: fc.record(
      { namespace: names, workload: names, pod: names, container: names, node: names },
      plain,
    ),
    grouping: fc.constantFrom(...dimensions),
    measure: fc.constantFrom(...measures),
    order: fc.record(
      { column: fc.constantFrom('name', 'power', 'co2', 'co2:FR'), isDescending: fc.boolean() },
      plain,
    ),
    search: fc.string({ maxLength: 20 }),
    isWhole: fc.boolean(),
    theme: fc.constantFrom(...themes),
  },
  plain,
)

describe('the address of a place', () => {
  it('is empty at first', () => {
    assert.equal(addressOf(firstPlace), '')
    assert.deepEqual(placeAt(''), { place: firstPlace, problems: [] })
  })

  it('says only what is not as at first, and is fit to be read', () => {
    const place: Place = {
      ...firstPlace,
      view: 'explorer',
      range: { kind: 'last', seconds: 86_400 },
      zones: ['DE', 'FR'],
      filters: { ...noFilters, workload: ['Deployment/shop-web'] },
    }
    assert.equal(addressOf(place), '?view=explorer&range=1d&zone=DE&zone=FR&workload=Deployment/shop-web')
  })

  it('leads back to the same place, whatever the names in it', () => {
    fc.assert(
      fc.property(anyPlace, (place) => {
        assert.deepEqual(placeAt(addressOf(place)), { place, problems: [] })
      }),
    )
  })

  it('takes zones with commas as well', () => {
    assert.deepEqual(placeAt('?zone=DE,FR&zone=DE').place.zones, ['DE', 'FR'])
  })

  it('is told where it is not understood, and what is shown instead', () => {
    const { place, problems } = placeAt('?view=map&range=soon&by=colour')
    assert.deepEqual(place, firstPlace)
    assert.equal(problems.length, 3)
    assert.match(problems[0] ?? '', /“view=map” in the address is none of overview, /)
    assert.match(problems[1] ?? '', /“range=soon” in the address is no range of time such as 6h/)
    assert.match(placeAt('?zone=A,B,C,D,E,F,G').problems[0] ?? '', /names 7 zones; the first 6/)
  })
})

describe('the order of a table', () => {
  it('turns round when its column is chosen again, and begins with the greatest number or the first name', () => {
    assert.deepEqual(nextOrder({ column: 'co2', isDescending: true }, 'co2'), {
      column: 'co2',
      isDescending: false,
    })
    assert.deepEqual(nextOrder({ column: 'co2', isDescending: true }, 'name'), {
      column: 'name',
      isDescending: false,
    })
    assert.deepEqual(nextOrder({ column: 'name', isDescending: false }, 'power'), {
      column: 'power',
      isDescending: true,
    })
  })
})

describe('the way into a group', () => {
  it('goes from namespace to pod to container, and keeps what was chosen before', () => {
    const inShop = { ...firstPlace, ...within({ ...firstPlace, search: 'sh' }, { namespace: 'shop' }) }
    assert.deepEqual(inShop, {
      ...firstPlace,
      filters: { ...noFilters, namespace: ['shop'] },
      grouping: 'pod',
    })
    const inPod = { ...inShop, ...within(inShop, { namespace: 'shop', pod: 'web-1' }) }
    assert.deepEqual(inPod.filters, { ...noFilters, namespace: ['shop'], pod: ['web-1'] })
    assert.equal(inPod.grouping, 'container')
  })

  it('goes from a node to the namespaces on it, and from a workload to its pods', () => {
    assert.equal(within({ ...firstPlace, grouping: 'node' }, { node: 'n1' }).grouping, 'namespace')
    assert.equal(
      within({ ...firstPlace, grouping: 'workload' }, { workload: 'Deployment/web' }).grouping,
      'pod',
    )
  })
})
