import { execFileSync, spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'

export const root = resolve(__dirname, '..', '..')

/** Brings dist/ up to date: what is tested here is the package as users get it. */
export function ensureDist(): void {
  execFileSync(
    process.execPath,
    ['--input-type=module', '-e', "import('./scripts/setup.mjs').then(s => s.ensureJs())"],
    {
      cwd: root,
      stdio: 'inherit',
    },
  )
}

/** Runs a script in a Node process of its own, with `tenzo` resolving to dist/; gives what it printed. */
export function runScript(code: string, { cwd = root, args = [] as string[] } = {}): string {
  const done = spawnSync(process.execPath, [...args, '-e', code], { cwd, encoding: 'utf8' })
  if (done.status !== 0) throw new Error(`exit ${done.signal ?? done.status}\n${done.stdout}\n${done.stderr}`)
  return done.stdout
}

export const fromRoot = (...parts: string[]) => join(root, ...parts)
