import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The folder of the package: the first one upwards that has a package.json, as code runs from lib/ and from dist/, one file or many. */
function packageRoot(): string {
  let folder = __dirname
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
}

/** @internal */
export const ROOT: string = packageRoot()
