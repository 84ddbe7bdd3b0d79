import type { FastifyBaseLogger } from 'fastify'
import type { KeepEvent } from '../flows/keep-measurements.ts'
import type { RefreshEvent } from '../flows/refresh-intensities.ts'
import type { ScrapeEvent } from '../flows/scrape-energy.ts'
import type { FleetEvent } from '../flows/scrape-fleet.ts'

/** Says in the log what happened to a scrape. */
export function logScrapeEvent(logger: FastifyBaseLogger, event: ScrapeEvent): void {
  switch (event.kind) {
    case 'scraped': {
      const { target, seconds, scrape } = event
      logger.debug({ target, seconds, dialect: scrape.dialect, bytes: scrape.bytes }, 'scraped')
      if (scrape.unreadLines.count > 0) {
        logger.warn({ target, ...scrape.unreadLines }, 'lines of a scrape were left out')
      }
      return
    }
    case 'recorded': {
      const { target, node, entry } = event
      if (entry.kind === 'stale') {
        logger.warn(
          { target, node, at: entry.at, last: entry.last },
          'a scrape was not later than the one before; the clock may have been set back',
        )
      } else if (entry.isBaseline) {
        logger.info({ target, node }, 'first readings of a node: energy is counted from here on')
      }
      return
    }
    case 'gap':
      logger.info({ target: event.target, ...event.gap }, 'energy may have gone uncounted')
      return
    case 'failed':
      logger.warn({ target: event.target, failure: event.failure }, event.message)
      return
    case 'node-claimed-twice':
      logger.error(
        { target: event.target, node: event.node, by: event.by },
        'two exporters answer for one node; only one is counted',
      )
  }
}

/** Says in the log which targets came and went, and whether they can be found. */
export function logFleetEvent(logger: FastifyBaseLogger, event: FleetEvent): void {
  switch (event.kind) {
    case 'changed': {
      const { came, went, known, scraped } = event
      logger.info({ came: came.length, went: went.length, known, scraped }, 'targets came or went')
      for (const { url, node } of came) logger.debug({ target: url.host, node }, 'a target came')
      for (const { url, node } of went) logger.debug({ target: url.host, node }, 'a target went')
      return
    }
    case 'finding-failed':
      logger.warn({ address: event.address }, `targets cannot be found: ${event.message}`)
      return
    case 'finding-works':
      logger.info({ address: event.address }, 'targets can be found again')
  }
}

/** Says in the log what happened on the way to the store. */
export function logKeepEvent(logger: FastifyBaseLogger, event: KeepEvent): void {
  switch (event.kind) {
    case 'flushed':
      logger.debug(event, 'measurements were kept')
      return
    case 'set-aside':
      logger.warn(event, 'a measurement that no store can hold was set aside')
      return
    case 'superseded':
      logger.info(event, 'another process has counted nodes meanwhile; counting goes on from there')
      return
    case 'store-away':
      logger.error({ reason: event.reason }, 'the store is away; measurements wait for it')
      return
    case 'store-failed':
      logger.debug(event, 'the store failed')
      return
    case 'sums-failed':
      logger.warn({ reason: event.reason }, 'sums of energy could not be made; long questions take longer')
      return
    case 'store-back':
      logger.info(event, 'the store is back')
      return
    case 'dropped':
      logger.error(event, 'measurements were dropped: the queue for the store is full')
      return
    case 'left-behind':
      logger.warn(event, 'the service stops before the store has everything')
  }
}

/** Says in the log how the sources of carbon intensity do. */
export function logRefreshEvent(logger: FastifyBaseLogger, event: RefreshEvent): void {
  switch (event.kind) {
    case 'learned':
      logger.debug(event, 'a source has told intensities')
      return
    case 'failed':
      logger.warn({ source: event.source, zone: event.zone, failure: event.failure }, event.message)
      return
    case 'stand-in':
      logger.warn(event, 'no source has a current intensity of a zone; a stand-in is used')
  }
}
