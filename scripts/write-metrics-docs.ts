import { writeFileSync } from 'node:fs'
import { everyMetric } from '../test/prometheus/every-metric.ts'
import { metricsDocs } from './metrics-docs.ts'

writeFileSync(new URL('../docs/metrics.md', import.meta.url), metricsDocs(everyMetric()))
