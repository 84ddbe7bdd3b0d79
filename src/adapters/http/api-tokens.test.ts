import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { digestOf, findToken, parseTokens } from './api-tokens.ts'

const lineFor = (token: string, { name = 'grafana', scope = 'read', namespaces = '*' } = {}) =>
  `${name} ${scope} ${namespaces} sha256:${digestOf(token).toString('hex')}`

function tokensIn(text: string) {
  const reading = parseTokens(text)
  assert.deepEqual(reading.kind === 'problems' ? reading.problems : [], [])
  return reading.kind === 'tokens' ? reading.tokens : []
}

function problemsIn(text: string) {
  const reading = parseTokens(text)
  return reading.kind === 'problems' ? reading.problems : []
}

describe('a token file', () => {
  it('holds a token a line: name, scope, namespaces and digest', () => {
    const [grafana, team] = tokensIn(
      `# who asks\n\n${lineFor('s3cret')}\r\n  ${lineFor('other', { name: 'team-a', scope: 'admin', namespaces: 'shop,shop-test' })}\n`,
    )
    assert.deepEqual(
      { name: grafana?.name, scope: grafana?.scope, view: grafana?.view },
      { name: 'grafana', scope: 'read', view: { kind: 'all' } },
    )
    assert.deepEqual(team?.view, { kind: 'only', namespaces: new Set(['shop', 'shop-test']) })
    assert.equal(team?.scope, 'admin')
  })

  it('says of every line that cannot be used what is wrong, and shows no digest', () => {
    const digest = `sha256:${digestOf('a').toString('hex')}`
    const problems = problemsIn(
      [
        'grafana read *',
        `grafana write * ${digest}`,
        'grafana read * sha256:abc',
        `grafana read Shop ${digest}`,
        `grafana read * ${digest} more`,
        lineFor('a'),
        lineFor('b'),
      ].join('\n'),
    )
    assert.equal(problems.length, 6)
    assert.match(problems[0] ?? '', /^line 1 does not hold four parts; it must be "name scope namespaces/)
    assert.match(problems[1] ?? '', /^line 2 has the scope "write"/)
    assert.match(problems[2] ?? '', /^line 3 does not end with a SHA-256 digest/)
    assert.match(problems[3] ?? '', /^line 4 names the namespaces "Shop"/)
    assert.match(problems[4] ?? '', /^line 5 does not hold four parts/)
    assert.match(problems[5] ?? '', /^line 7 has the name "grafana" of an earlier line/)
    assert.ok(!problems.join().includes(digest))
  })

  it('is refused when no line holds a token: it would shut everybody out', () => {
    assert.match(problemsIn('# nothing yet\n')[0] ?? '', /no line holds a token/)
  })

  it('finds the token that is presented, and no other', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 5 }),
        fc.string(),
        (secrets, stranger) => {
          const tokens = tokensIn(secrets.map((secret, at) => lineFor(secret, { name: `n${at}` })).join('\n'))
          for (const [at, secret] of secrets.entries())
            assert.equal(findToken(tokens, secret)?.name, `n${at}`)
          if (!secrets.includes(stranger)) assert.equal(findToken(tokens, stranger), undefined)
        },
      ),
    )
  })
})
