import assert from 'node:assert/strict'
import { Resolver } from 'node:dns/promises'
import { describe, it } from 'node:test'
import { type DnsServer, startDnsServer } from '../../../test/dns/dns-server.ts'
import { findByAddress, findByService, type NameLookup } from './dns-targets.ts'
import { fullNames, parseSearchList } from './search-list.ts'

const never = new AbortController().signal
/** As Kubernetes writes it into a pod. */
const podResolvConf = `nameserver 10.96.0.10
search shop.svc.cluster.local svc.cluster.local cluster.local
options ndots:5
`

function lookupAt(server: DnsServer, resolvConf = ''): NameLookup {
  return {
    createResolver() {
      const resolver = new Resolver({ timeout: 200, tries: 1 })
      resolver.setServers([server.address])
      return resolver
    },
    searchList: async () => parseSearchList(resolvConf),
  }
}

async function addressesOf(url: string, lookup: NameLookup): Promise<readonly string[]> {
  const targets = await findByAddress(new URL(url), lookup, never)
  return targets.map((target) => target.url.href)
}

describe('the addresses of a name', () => {
  it('are a target each, of IPv4 and IPv6', async () => {
    await using server = await startDnsServer()
    server.records.set('kepler.example', [
      { type: 'A', address: '10.0.0.1' },
      { type: 'A', address: '10.0.0.2' },
      { type: 'AAAA', address: 'fd00::1' },
    ])
    assert.deepEqual(await addressesOf('http://kepler.example:9102/metrics?a=1', lookupAt(server)), [
      'http://10.0.0.1:9102/metrics?a=1',
      'http://10.0.0.2:9102/metrics?a=1',
      'http://[fd00::1]:9102/metrics?a=1',
    ])
  })

  it('are asked for a certificate of the name with https', async () => {
    await using server = await startDnsServer()
    server.records.set('kepler.example', [{ type: 'A', address: '10.0.0.1' }])
    const targets = await findByAddress(
      new URL('https://kepler.example:8443/metrics'),
      lookupAt(server),
      never,
    )
    assert.equal(targets[0]?.serverName, 'kepler.example')
    const plain = await findByAddress(new URL('http://kepler.example:8443/metrics'), lookupAt(server), never)
    assert.equal(plain[0]?.serverName, undefined)
  })

  it('are found for a name that is short within the cluster', async () => {
    await using server = await startDnsServer()
    server.records.set('kepler.kepler.svc.cluster.local', [{ type: 'A', address: '10.0.0.1' }])
    const lookup = lookupAt(server, podResolvConf)
    assert.deepEqual(await addressesOf('http://kepler.kepler.svc:9102/metrics', lookup), [
      'http://10.0.0.1:9102/metrics',
    ])
    assert.deepEqual(await addressesOf('http://kepler.kepler:9102/metrics', lookup), [
      'http://10.0.0.1:9102/metrics',
    ])
  })

  it('are none, which is said, for a name that leads nowhere', async () => {
    await using server = await startDnsServer()
    server.records.set('bare.example', [])
    for (const name of ['nowhere.example', 'bare.example']) {
      await assert.rejects(addressesOf(`http://${name}/metrics`, lookupAt(server)), {
        message: `the name ${name} leads to no address`,
      })
    }
  })

  it('are unknown, and not none, while the name server fails', async () => {
    await using server = await startDnsServer()
    server.records.set('kepler.example', [{ type: 'A', address: '10.0.0.1' }])
    server.mood = 'fails'
    await assert.rejects(addressesOf('http://kepler.example/metrics', lookupAt(server)), {
      message: 'the name kepler.example could not be resolved: ESERVFAIL',
    })
    server.mood = 'silent'
    await assert.rejects(addressesOf('http://kepler.example/metrics', lookupAt(server)), {
      message: 'the name kepler.example could not be resolved: ETIMEOUT',
    })
  })

  it('are waited for no longer when nobody wants them any more', async () => {
    await using server = await startDnsServer()
    server.mood = 'silent'
    const stop = new AbortController()
    const found = findByAddress(new URL('http://kepler.example/metrics'), lookupAt(server), stop.signal)
    stop.abort(new Error('no more'))
    await assert.rejects(found, { message: 'no more' })
    await assert.rejects(
      findByAddress(new URL('http://kepler.example/metrics'), lookupAt(server), stop.signal),
      { message: 'no more' },
    )
  })
})

describe('the service records of a name', () => {
  it('are a target each, with the port that they tell', async () => {
    await using server = await startDnsServer()
    server.records.set('_metrics._tcp.kepler.kepler.svc.cluster.local', [
      { type: 'SRV', name: '10-0-0-1.kepler.kepler.svc.cluster.local', port: 28_282 },
      { type: 'SRV', name: '10-0-0-2.kepler.kepler.svc.cluster.local', port: 28_283 },
    ])
    const url = new URL('http://_metrics._tcp.kepler.kepler.svc/metrics')
    const targets = await findByService(url, lookupAt(server, podResolvConf), never)
    assert.deepEqual(
      targets.map((target) => target.url.href),
      [
        'http://10-0-0-1.kepler.kepler.svc.cluster.local:28282/metrics',
        'http://10-0-0-2.kepler.kepler.svc.cluster.local:28283/metrics',
      ],
    )
  })
})

describe('a name', () => {
  const list = parseSearchList(podResolvConf)

  it('with few dots is completed first', () => {
    assert.deepEqual(fullNames('kepler', list), [
      'kepler.shop.svc.cluster.local',
      'kepler.svc.cluster.local',
      'kepler.cluster.local',
      'kepler',
    ])
  })

  it('with many dots is tried as it is first', () => {
    assert.equal(fullNames('a.kepler.kepler.svc.cluster.local', list)[0], 'a.kepler.kepler.svc.cluster.local')
    assert.equal(fullNames('kepler.example', parseSearchList('search lan'))[0], 'kepler.example')
  })

  it('with a dot at its end is complete', () => {
    assert.deepEqual(fullNames('kepler.', list), ['kepler'])
  })

  it('is completed by the last list of resolv.conf', () => {
    assert.deepEqual(parseSearchList('search a b\noptions edns0 ndots:2 ndots:x\nsearch c.\n# search d'), {
      domains: ['c.'],
      ndots: 2,
    })
    assert.deepEqual(fullNames('kepler', { domains: ['c.'], ndots: 1 }), ['kepler.c', 'kepler'])
  })
})
