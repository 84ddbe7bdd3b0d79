/** Writes what the image is made of to sbom.cdx.json; `--browser` for the image with a browser. */
import { writeFileSync } from 'node:fs'
import { billOfMaterials } from './bill-of-materials.ts'

const bill = billOfMaterials({ withBrowser: process.argv.includes('--browser') })
writeFileSync('sbom.cdx.json', `${JSON.stringify(bill, null, 2)}\n`)
console.log(`sbom.cdx.json: ${bill.components.length} components, CycloneDX ${bill.specVersion}`)
