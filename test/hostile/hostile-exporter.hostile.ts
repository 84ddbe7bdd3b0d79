import { describe, it } from 'node:test'
import { objectAt, readYamlObjects, textAt } from '../manifests/yaml-object.ts'
import { type Attack, endlessBody, endlessLine, longLabel, manySeries, zipBomb } from './hostile-exporter.ts'
import { survives, whyNoMemory } from './survival.ts'

/** What Kubernetes is told in k8s/deployment.yaml. */
const objects = readYamlObjects('k8s/deployment.yaml')
const shipped = objectAt(
  objects.find((object) => textAt(object, 'kind') === 'ConfigMap'),
  'data',
)
const environment = {
  EXPORTER_MAX_BODY_MB: textAt(shipped, 'EXPORTER_MAX_BODY_MB'),
  EXPORTER_MAX_SERIES: textAt(shipped, 'EXPORTER_MAX_SERIES'),
  SAMPLE_INTERVAL: '2',
  EXPORTER_TIMEOUT: '10',
}
/** Leaves the pod, which may take 512 MiB, a margin over what the service takes at rest. */
const mostMegabytes = 250

const tooManyBytes = /"failure":"too-large".*EXPORTER_MAX_BODY_MB/
const tooManySeries = /"failure":"too-large".*EXPORTER_MAX_SERIES/
const tooLong = /"failure":"too-large".*a line is longer than \d+ bytes/

const attacks: readonly { readonly what: string; readonly attack: Attack; readonly says: RegExp }[] = [
  { what: 'a zip bomb of 4 GB', attack: zipBomb(4096), says: tooManyBytes },
  { what: '10 million series', attack: manySeries(10_000_000), says: tooManySeries },
  { what: 'a label of 10 MB', attack: longLabel(10), says: tooLong },
  { what: 'a body without an end', attack: endlessBody, says: tooManyBytes },
  { what: 'a line without an end', attack: endlessLine, says: tooLong },
]

describe('with the limits that we ship, a service survives', { skip: whyNoMemory ?? false }, () => {
  for (const { what, attack, says } of attacks) {
    it(`${what}, ten times`, async (t) => {
      const attackers = [{ attack, says }]
      const more = await survives({ attackers, scrapes: 10, mostMegabytes, environment })
      t.diagnostic(`it took ${more.toFixed(0)} MB more than before`)
    })
  }

  it('all of them at once', async (t) => {
    const more = await survives({ attackers: attacks, scrapes: 10, mostMegabytes, environment })
    t.diagnostic(`it took ${more.toFixed(0)} MB more than before`)
  })
})
