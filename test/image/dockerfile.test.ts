import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { describe, it } from 'node:test'
import packageJson from '../../package.json' with { type: 'json' }
import { settings } from '../../src/settings.ts'
import { createDockerIgnore } from './docker-ignore.ts'
import { copiesOf, execForm, parseDockerfile, type Stage } from './dockerfile.ts'

const dockerfile = parseDockerfile(readFileSync('Dockerfile', 'utf8'))
const isIgnored = createDockerIgnore(readFileSync('.dockerignore', 'utf8'))

const stageNames = dockerfile.stages.map(({ name }) => name)
const stageCalled = (name: string): Stage => {
  const stage = dockerfile.stages.find((candidate) => candidate.name === name)
  assert.ok(stage !== undefined, `there is no stage ${name}`)
  return stage
}
/** What one instruction says that a stage must have once. */
const only = (stage: Stage, keyword: string): string => {
  const found = stage.instructions.filter((instruction) => instruction.keyword === keyword)
  assert.equal(found.length, 1, `${keyword} in ${stage.name}`)
  return found[0]?.rest ?? ''
}
const run = ['service', 'browser'].map(stageCalled)
const everyFile = globSync('**/*.*', {
  exclude: (name) => ['.git', 'coverage', 'node_modules'].includes(name),
})

describe('a Dockerfile', () => {
  it('is read with its continuations, comments and flags', () => {
    const { globalArguments, stages } = parseDockerfile(`# A comment
ARG BASE=node:1=2
FROM \${BASE} AS one
RUN a \\
  # a comment
 && b
COPY --from=x --chown=1:2 c d /e
`)
    assert.deepEqual(globalArguments, new Map([['BASE', 'node:1=2']]))
    const [stage] = stages
    assert.ok(stage !== undefined)
    assert.partialDeepStrictEqual(stage, { name: 'one', base: '${BASE}' })
    assert.equal(stage.instructions[0]?.rest, 'a && b')
    assert.deepEqual(copiesOf(stage), [{ from: 'x', sources: ['c', 'd'], destination: '/e' }])
  })
})

describe('a .dockerignore', () => {
  it('lets the last pattern that matches decide', () => {
    const ignores = createDockerIgnore('# all\n*\n!src\n!scripts/a.ts\n**/*.test.ts\nsrc/old\n')
    const outcomes = [
      ['README.md', true],
      ['src/a.ts', false],
      ['src/a/b.ts', false],
      ['srcs/a.ts', true],
      ['src/a/b.test.ts', true],
      ['src/old/a.ts', true],
      ['scripts/a.ts', false],
      ['scripts/b.ts', true],
      ['a.test.ts', true],
    ] as const
    for (const [path, expected] of outcomes) assert.equal(ignores(path), expected, path)
  })
})

describe('the image', () => {
  it('is the service when no target is named, and the one with a browser when that is', () => {
    assert.equal(stageNames.at(-1), 'service')
    assert.ok(stageNames.includes('browser'))
  })

  it('begins from a Node.js that is pinned to its last digit and new enough, from nothing, or from itself', () => {
    const image = dockerfile.globalArguments.get('NODE_IMAGE') ?? ''
    const pinned = /^docker\.io\/library\/node:(\d+)\.\d+\.\d+-[a-z]+-slim(@sha256:[0-9a-f]{64})?$/.exec(
      image,
    )
    assert.ok(pinned !== null, image)
    // Even majors are those with long-term support.
    assert.ok(Number(pinned[1]) >= 24 && Number(pinned[1]) % 2 === 0, image)
    for (const [at, { base, name }] of dockerfile.stages.entries()) {
      assert.ok(
        ['${NODE_IMAGE}', 'scratch', ...stageNames.slice(0, at)].includes(base),
        `${name} from ${base}`,
      )
    }
  })

  it('runs as nobody in particular, by number, so that Kubernetes can tell that it is not root', () => {
    for (const stage of run) assert.equal(only(stage, 'USER'), '65532:65532')
  })

  it('starts what exists, without a shell in between', () => {
    assert.deepEqual(execForm(only(stageCalled('service'), 'ENTRYPOINT')), ['/usr/local/bin/node'])
    assert.deepEqual(execForm(only(stageCalled('browser'), 'ENTRYPOINT')), [
      '/usr/bin/tini',
      '--',
      '/usr/local/bin/node',
    ])
    for (const stage of run) {
      const command = execForm(only(stage, 'CMD')) ?? []
      assert.equal(['node', ...command].join(' '), packageJson.scripts.start)
      assert.ok(existsSync(command.at(-1) ?? ''))
      assert.equal(only(stage, 'STOPSIGNAL'), 'SIGTERM')
    }
  })

  it('has a health check that is made by Node.js itself', () => {
    for (const stage of run) {
      const [node, script = '', ...more] = execForm(only(stage, 'HEALTHCHECK')) ?? []
      assert.deepEqual([node, more], ['/usr/local/bin/node', []])
      assert.ok(existsSync(script.replace(/^dist(.*)\.js$/, 'src$1.ts')), script)
    }
  })

  it('names its port, its licence and itself', () => {
    for (const stage of run) {
      assert.equal(only(stage, 'EXPOSE'), settings.port.shownDefault)
      for (const label of ['title', 'description', 'licenses'])
        assert.match(only(stage, 'LABEL'), new RegExp(`org\\.opencontainers\\.image\\.${label}="[^"]+"`))
    }
  })

  it('holds nothing that is loaded and run at once, and nothing that the lock file does not know', () => {
    for (const { name, instructions } of dockerfile.stages) {
      for (const { keyword, rest } of instructions) {
        assert.notEqual(keyword, 'ADD', name)
        assert.doesNotMatch(rest, /\b(curl|wget)\b|\|\s*(ba|da)?sh\b|https?:/, name)
        assert.doesNotMatch(rest, /npm (i|install|add|exec)\b|\bnpx\b/, name)
        for (const [installing] of rest.matchAll(/npm ci\b[^&]*/g))
          assert.match(installing, /--ignore-scripts\b/)
      }
    }
  })

  it('holds no secret: no argument or variable is named like one', () => {
    for (const { instructions } of dockerfile.stages) {
      for (const { keyword, rest } of instructions.filter(({ keyword }) => ['ARG', 'ENV'].includes(keyword)))
        assert.doesNotMatch(`${keyword} ${rest}`, /TOKEN|PASSWORD|SECRET|DSN|API_KEY/)
    }
  })

  it('has neither shell nor package manager nor packages for development', () => {
    const froms = copiesOf(stageCalled('service')).map(({ from }) => from)
    assert.equal(stageCalled('service').base, 'scratch')
    assert.deepEqual(new Set(froms), new Set(['system', 'dependencies', 'application']))
    assert.ok(stageCalled('service').instructions.every(({ keyword }) => keyword !== 'RUN'))
    for (const name of ['dependencies', 'browser-dependencies'])
      assert.match(only(stageCalled(name), 'RUN'), /^npm ci --omit=dev /)
  })
})

describe('what is copied into the image', () => {
  const copied = dockerfile.stages.flatMap(copiesOf)

  it('exists, and the .dockerignore lets it pass', () => {
    const fromHere = copied.filter(({ from }) => from === undefined).flatMap(({ sources }) => sources)
    assert.ok(fromHere.length > 5)
    for (const path of fromHere.filter((source) => source !== '.')) {
      assert.ok(existsSync(path), path)
      assert.ok(!isIgnored(path), path)
    }
  })

  it('includes what builds the dashboard', () => {
    for (const path of ['scripts/build-dashboard.js', 'dashboard/index.html', 'dashboard/src/main.tsx']) {
      assert.ok(existsSync(path) && !isIgnored(path), path)
    }
  })

  it('comes from a stage that stands before', () => {
    for (const [at, stage] of dockerfile.stages.entries()) {
      for (const { from } of copiesOf(stage))
        assert.ok(from === undefined || stageNames.slice(0, at).includes(from), `${stage.name} from ${from}`)
    }
  })

  it('is every file that the service imports or reads', () => {
    const givenTo = (stage: string) =>
      copiesOf(stageCalled(stage)).flatMap(({ from, sources }) => (from === undefined ? sources : []))
    // What is made of src/ is in the image in its place.
    const made = copiesOf(stageCalled('application')).find(({ from }) => from === 'plain')
    assert.equal(made?.destination, 'dist')
    const application = givenTo('application')
    const plain = givenTo('plain')
    const isThere = (path: string) => {
      if (path.startsWith('dist/')) return true
      const given = path.startsWith('src/') ? plain : application
      return !isIgnored(path) && given.some((source) => path === source || path.startsWith(`${source}/`))
    }
    const modules = globSync(['src/**/*.ts', 'bin/*.js']).filter((path) => !path.endsWith('.test.ts'))
    assert.ok(modules.length > 50)
    const missing = new Set<string>()
    for (const path of modules) {
      if (!isThere(path)) missing.add(path)
      const text = readFileSync(path, 'utf8')
      // Imports of ours, and what is found beside a module: `new URL('../data/x.csv', import.meta.url)`.
      for (const [, to = ''] of text.matchAll(/(?:from |import\(|import |new URL\(\s*)'(\.[^']+)'/g)) {
        const target = posix.join(posix.dirname(path), to)
        if (!existsSync(target)) continue
        const files = globSync(`${target.replace(/\/$/, '')}{,/**/*}`).filter((file) => /\.\w+$/.test(file))
        assert.ok(files.length > 0, target)
        for (const file of files.filter((file) => !file.endsWith('.test.ts')))
          if (!isThere(file)) missing.add(file)
      }
    }
    // Where there are no sources nothing is made of them.
    assert.deepEqual([...missing], ['scripts/strip-types.js'])
  })

  it('is no test, no recorded body, no key and no file of the repository itself', () => {
    for (const path of [
      '.git/config',
      '.env',
      'test/fixtures/tls/server.key.pem',
      'node_modules/pg/index.js',
    ])
      assert.ok(isIgnored(path), path)
    const passed = everyFile.filter((path) => !isIgnored(path))
    assert.ok(passed.length > 50)
    for (const path of passed)
      assert.doesNotMatch(path, /\.test\.tsx?$|^(test|bench|docs|simulator|k8s|charts)\//)
  })
})
