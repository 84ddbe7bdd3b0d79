import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ownerFromPodName, ownersFromPodNames } from './owner-from-pod-name.ts'

function ownerOf(pod: string): string {
  const { kind, name } = ownerFromPodName(pod)
  return `${kind}/${name}`
}

const safeLetters = Array.from('bcdfghjklmnpqrstvwxz2456789')
/** Five letters of Kubernetes' own, as end the name of a pod that a controller made. */
const generatedEnd = fc
  .array(fc.constantFrom(...safeLetters), { minLength: 5, maxLength: 5 })
  .map((letters) => letters.join(''))

/** The hash of a pod template, as `rand.SafeEncodeString` writes the digits of a number of 32 bits. */
const templateHash = fc
  .integer({ min: 1_000_000, max: 0xffff_ffff })
  .map((hash) => Array.from(String(hash), (digit) => safeLetters[digit.charCodeAt(0) % 27]).join(''))

/** A name that does not end in what Kubernetes itself appends. */
const givenName = fc.constantFrom('web', 'shop-web', 'a', 'node-exporter', 'x-ray', 'cache-v2', 'team-a.api')

describe('the owner of a pod, by its name', () => {
  it('is the Deployment whose template the hash is of', () => {
    assert.equal(ownerOf('web-7d4b9c6f5d-x2x9z'), 'Deployment/web')
    assert.equal(ownerOf('shop-web-76f75df574-bh2kq'), 'Deployment/shop-web')
    fc.assert(
      fc.property(givenName, templateHash, generatedEnd, (name, hash, end) => {
        assert.equal(ownerOf(`${name}-${hash}-${end}`), `Deployment/${name}`)
      }),
    )
  })

  it('is no Deployment where the hash is larger than a hash can be', () => {
    assert.equal(ownerOf('web-ffffffffff-x2x9z'), 'DaemonSet or Job/web-ffffffffff')
  })

  it('is the StatefulSet of an ordinal', () => {
    assert.equal(ownerOf('db-0'), 'StatefulSet/db')
    assert.equal(ownerOf('shop-db-1023'), 'StatefulSet/shop-db')
  })

  it('is a DaemonSet or a Job, which a name cannot tell apart', () => {
    assert.equal(ownerOf('kepler-x7x2k'), 'DaemonSet or Job/kepler')
    fc.assert(
      fc.property(givenName, generatedEnd, (name, end) => {
        assert.equal(ownerOf(`${name}-${end}`), `DaemonSet or Job/${name}`)
      }),
    )
  })

  it('is the Job of an index', () => {
    assert.equal(ownerOf('render-0-k7m2p'), 'Job/render')
    assert.equal(ownerOf('render-417-k7m2p'), 'Job/render')
  })

  it('is the CronJob of the minute a Job was due, or of the second', () => {
    assert.equal(ownerOf('backup-28456789-abcde'), 'CronJob/backup')
    assert.equal(ownerOf('backup-29876543-x7x2k'), 'CronJob/backup')
    assert.equal(ownerOf('backup-29876543-3-x7x2k'), 'CronJob/backup')
    assert.equal(ownerOf('backup-1577836800-x7x2k'), 'CronJob/backup')
  })

  it('is no CronJob where the number is a date', () => {
    assert.equal(ownerOf('migrate-20261124-x7x2k'), 'DaemonSet or Job/migrate-20261124')
  })

  it('is the pod itself where no controller names pods so', () => {
    for (const pod of [
      'debug',
      'kube-apiserver-control-plane',
      'web-7d4b9c6f5d',
      'kepler-hello',
      'x7x2k',
      '-x7x2k',
      '0',
      '-0',
      'db-00',
      'db-01',
      'db-20261124',
      '',
    ]) {
      assert.equal(ownerOf(pod), `Pod/${pod}`)
    }
  })

  it('is found in a name that Kubernetes has cut', () => {
    const longName = 'a-service-with-a-name-that-goes-on-and-on-for-ever'
    const cut = `${longName}-76f75df574-`.slice(0, 58)
    assert.equal(cut, `${longName}-76f75df`)
    assert.equal(ownerOf(`${cut}x2x9z`), `Deployment/${longName}`)
    const longer = `${longName}-and-for-longer-than-that`.slice(0, 58)
    assert.equal(ownerOf(`${longer}x2x9z`), `DaemonSet or Job/${longer}`)
  })

  it('is always marked as a guess, and never throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (namespace, pod) => {
        const { derivedFrom, labels } = ownersFromPodNames.ownerOf({ namespace, pod })
        assert.equal(derivedFrom, 'pod-name')
        assert.deepEqual(labels, {})
      }),
    )
  })
})
