/**
 * Makes the plain JavaScript in dist/ of the sources in src/, where those have changed. `npm ci` runs it, on whatever
 * Node.js there is; one that is too old to run the service says so, and leaves it.
 */
import { fileURLToPath } from 'node:url'
import { canStripTypes, stripTypes } from './strip-types.js'

const folder = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url))

if (canStripTypes) stripTypes(folder('src'), folder('dist'))
else console.log(`The service is not built, since Node.js ${process.version} is too old to run it.`)
