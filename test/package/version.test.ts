import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { version } from 'tenzo'

test('the version is that of package.json', () => {
  const { version: wanted } = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')) as {
    version: string
  }
  expect(version).toBe(wanted)
})
