import { behavesLikeAFactStore } from '../../../test/contracts/fact-store.ts'
import { behavesLikeAMeasurementStore } from '../../../test/contracts/measurement-store.ts'
import { behavesLikeATrailReader } from '../../../test/contracts/trail-reader.ts'
import { createMemoryStore } from './memory-store.ts'

const longEnough = 1e9

behavesLikeAMeasurementStore('memory', async () => ({ store: createMemoryStore(longEnough) }))
behavesLikeAFactStore('memory', async () => ({ store: createMemoryStore(longEnough) }))
behavesLikeATrailReader('memory', async () => ({ store: createMemoryStore(longEnough) }))
