import { it } from 'node:test'
import {
  endlessBody,
  endlessFailure,
  endlessHead,
  endlessLine,
  longLabel,
  manySeries,
  redirect,
  silence,
  slowDrip,
  zipBomb,
} from './hostile-exporter.ts'
import { survives, whyNoMemory } from './survival.ts'

const tooLarge = /"failure":"too-large".*EXPORTER_MAX_BODY_MB/
const timedOut = /"failure":"timed-out".*EXPORTER_TIMEOUT/

/** Small limits, so that it does not take long; `npm run test:hostile` attacks the usual ones at full size. */
it('a service whose exporters turn hostile names each limit, goes on, and loses nothing', {
  skip: whyNoMemory ?? false,
  timeout: 180_000,
}, async () => {
  await survives({
    attackers: [
      { attack: zipBomb(64), says: tooLarge },
      { attack: manySeries(200_000), says: tooLarge },
      { attack: longLabel(10), says: /"failure":"too-large"/ },
      { attack: endlessBody, says: tooLarge },
      { attack: endlessLine, says: /"failure":"too-large"/ },
      { attack: slowDrip, says: timedOut },
      { attack: silence, says: timedOut },
      { attack: endlessHead, says: /"failure":"(unreachable|not-an-exposition)".*[Hh]ead/ },
      { attack: endlessFailure, says: /"failure":"bad-status".*status 500: \\"no no/ },
      // The address must not be asked; there would be no 302 otherwise.
      { attack: redirect('http://127.0.0.1:1/'), says: /"failure":"bad-status".*status 302/ },
    ],
    scrapes: 3,
    mostMegabytes: 250,
    environment: { EXPORTER_MAX_BODY_MB: '8', EXPORTER_TIMEOUT: '1' },
  })
})
