import { chmodSync, copyFileSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'

export const compiler = join(__dirname, '../../node_modules/miniprogram-compiler/bin/linux')

/** The compilers of the platform come without the right to be run. */
export default function setup() {
  for (const name of ['wcc', 'wcsc']) {
    const path = join(compiler, name)
    if (statSync(path).mode & 0o100) continue
    copyFileSync(path, path + '.run') // the package manager may share the file with others
    chmodSync(path + '.run', 0o755)
    renameSync(path + '.run', path)
  }
}
