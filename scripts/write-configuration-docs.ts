import { writeFileSync } from 'node:fs'
import { settings } from '../src/settings.ts'
import { configurationDocs } from './configuration-docs.ts'

writeFileSync(new URL('../docs/configuration.md', import.meta.url), configurationDocs(settings))
