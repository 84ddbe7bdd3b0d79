import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { StoreError } from '../../energy/measurement-store.ts'
import { encryptedWith, readDsn } from './dsn.ts'

describe('a DSN', () => {
  it('may be a URL', () => {
    const { client, encryption } = readDsn(
      'postgresql://co2%40api:p%2Fw%3A%25@db.example:6432/energy%20db?sslmode=disable&application_name=x&options=-csearch_path%3Da',
    )
    assert.deepEqual(client, {
      host: 'db.example',
      port: 6432,
      database: 'energy db',
      user: 'co2@api',
      password: 'p/w:%',
      options: '-csearch_path=a',
      application_name: 'x',
    })
    assert.deepEqual(encryption, { kind: 'plain' })
  })

  it('may be pairs, as libpq writes them', () => {
    const { client } = readDsn(
      String.raw`host=db.example port=5433 dbname = energy user='co2 api' password='it\'s \\ secret'`,
    )
    assert.deepEqual(client, {
      host: 'db.example',
      port: 5433,
      database: 'energy',
      user: 'co2 api',
      password: String.raw`it's \ secret`,
      application_name: 'co2-api',
    })
  })

  it('may leave out nearly everything, name an IPv6 address, or a folder of sockets', () => {
    assert.deepEqual(readDsn('postgres://').client, { application_name: 'co2-api' })
    assert.equal(readDsn('postgres://u:p@[::1]:5/d').client.host, '::1')
    assert.equal(readDsn('postgresql:///d?host=/run/postgresql').client.host, '/run/postgresql')
    assert.equal(readDsn('postgresql://%2Frun%2Fpostgresql/d').client.host, '/run/postgresql')
  })

  it('may hold a password with characters that a URL would have in other words', () => {
    assert.equal(readDsn('postgresql://u:a/b?c#d:e@h/d').client.password, 'a/b?c#d:e')
  })

  for (const [mode, expected] of [
    ['', { kind: 'preferred' }],
    ['sslmode=allow', { kind: 'preferred' }],
    ['sslmode=prefer', { kind: 'preferred' }],
    ['sslmode=disable', { kind: 'plain' }],
    ['sslmode=require', { kind: 'required', checked: 'nothing' }],
    ['sslmode=require&sslrootcert=system', { kind: 'required', checked: 'authority' }],
    ['sslmode=verify-ca', { kind: 'required', checked: 'authority' }],
    ['sslmode=verify-full', { kind: 'required', checked: 'name' }],
    ['host=/run/postgresql', { kind: 'plain' }],
  ] as const) {
    it(`means what libpq means by "${mode}"`, () => {
      assert.deepEqual(readDsn(`postgresql://u@h/d?${mode}`).encryption, expected)
    })
  }

  it('checks a certificate only as far as it says', () => {
    const tls = (query: string) => encryptedWith(readDsn(`postgresql://u@h/d?${query}`))
    assert.equal(tls('sslmode=disable'), false)
    const rejects = (query: string) => {
      const options = tls(query)
      return typeof options === 'object' && options.rejectUnauthorized
    }
    assert.equal(rejects('sslmode=require'), false)
    assert.equal(rejects('sslmode=verify-ca'), true)
    assert.equal(rejects('sslmode=verify-full'), true)
    assert.throws(() => tls('sslmode=verify-full&sslrootcert=/no/such/file'), /ENOENT/)
  })

  for (const [what, dsn] of [
    ['another database', 'mysql://u:secret@h/d'],
    ['nothing', ''],
    ['half a pair', 'host=h secret'],
    ['an open quote', "host=h password='secret"],
    ['a broken escape', 'postgresql://u:%secret@h/d'],
    ['a port that is no number', 'postgresql://u:secret@h:port/d'],
    ['several hosts', 'host=a,b password=secret'],
    ['an unknown sslmode', 'postgresql://u:secret@h/d?sslmode=secret'],
  ] as const) {
    it(`that is ${what} is refused, in a sentence that tells no part of it`, () => {
      assert.throws(
        () => readDsn(dsn),
        (error) => {
          assert.ok(error instanceof StoreError)
          assert.match(error.message, /^TSDB_DSN /)
          assert.doesNotMatch(error.message, /secret/)
          return true
        },
      )
    })
  }
})
