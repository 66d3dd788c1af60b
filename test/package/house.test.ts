/** The rooms of docs/decisions/house.md: what may import what, and how large a file may be. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = join(__dirname, '..', '..')
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((f) => f !== '' && existsSync(join(root, f)))
const known = new Set(files)
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const generated = (file: string): boolean => /^(\/\/|\/\*|#|""") ?Written by /.test(read(file).slice(0, 100))

/** The rooms of a table, the lowest first. `native/kernels/*` stands for every folder that is not listed itself. */
function rooms(of: 'lib' | 'native'): (file: string) => { level: number; room: string } {
  const listed = [...read('docs/decisions/house.md').matchAll(/^\| `([^`]+)` \|/gm)]
    .map((m) => m[1] as string)
    .filter((room) => room.startsWith(`${of}/`) && !room.endsWith('/'))
  expect(listed.length).toBeGreaterThan(6)
  return (file) => {
    const within = (room: string): boolean =>
      room.endsWith('/*') ? file.startsWith(room.slice(0, -1)) : file === room || file.startsWith(`${room}/`)
    // The longest is the innermost; one with a star comes after those that are named.
    const found = listed
      .filter(within)
      .sort((a, b) => Number(a.endsWith('*')) - Number(b.endsWith('*')) || b.length - a.length)
    const [inner] = found
    if (inner === undefined) throw new Error(`${file} is in no room of docs/decisions/house.md`)
    return { level: listed.indexOf(inner), room: inner.endsWith('/*') ? dirname(file) : inner }
  }
}

interface Arrow {
  readonly from: string
  readonly to: string
  /** Whether it is there at run time. */
  readonly value: boolean
}
function imports(file: string): Arrow[] {
  const arrows: Arrow[] = []
  const statement = /^(?:import|export)\s+(type\s+)?(?:(\{[^}]*\}|\*(?:\s+as\s+\w+)?|\w+)\s+from\s+)?'(\.[^']*)'/gm
  for (const [, type, names = '', target] of read(file).matchAll(statement)) {
    const path = join(dirname(file), target as string)
    const to = [`${path}.ts`, `${path}/index.ts`].find((f) => known.has(f))
    if (to === undefined) throw new Error(`${file} imports ${target}, which is not there`)
    const listed = names
      .trim()
      .match(/^\{(.*)\}$/s)?.[1]
      ?.split(',')
    const onlyTypes = listed?.every((n) => n.trim() === '' || n.trim().startsWith('type ')) ?? false
    arrows.push({ from: file, to, value: type === undefined && !onlyTypes })
  }
  return arrows
}
function includes(file: string): Arrow[] {
  return [...read(file).matchAll(/^\s*#include "([^"]+)"/gm)].flatMap((m) => {
    const target = m[1] as string
    const to = [join(dirname(file), target), join('native', target)].find((f) => known.has(f))
    return to === undefined || !/\.(h|cpp)$/.test(to) ? [] : [{ from: file, to, value: true }]
  })
}
const upwards = (arrows: readonly Arrow[], roomOf: ReturnType<typeof rooms>): string[] =>
  arrows
    .filter(({ from, to }) => {
      const [a, b] = [roomOf(from), roomOf(to)]
      return b.level > a.level || (b.level === a.level && a.room !== b.room)
    })
    .map(({ from, to }) => `${from} -> ${to}`)

const sources = files.filter((f) => f.startsWith('lib/') && f.endsWith('.ts'))
const arrows = sources.flatMap(imports)

test('no import of lib runs up', () => {
  expect(arrows.length).toBeGreaterThan(1000)
  expect(upwards(arrows, rooms('lib'))).toEqual([])
})

test('no include of native runs up', () => {
  const native = files.filter((f) => /^native\/.*\.(h|cpp)$/.test(f))
  const roomOf = rooms('native')
  // A test may use what all tests share, and a room above for its set-up.
  const isTest = (f: string): boolean => /_(test|bench)\.cpp$/.test(f)
  const all = native.filter((f) => !isTest(f)).flatMap(includes)
  expect(all.length).toBeGreaterThan(50)
  expect(upwards(all, roomOf)).toEqual([])
})

test('every header of native is included, or the vector type of a CPU level', () => {
  const headers = files.filter((f) => /^native\/.*\.h$/.test(f) && f !== 'native/glibc_floor.h')
  const included = new Set(
    files.filter((f) => /^native\/.*\.(h|cpp)$/.test(f)).flatMap((f) => includes(f).map((a) => a.to)),
  )
  const levels = [...read('native/levels.def').matchAll(/^TENZO_CPU_LEVEL\((\w+)/gm)].map(
    (m) => `native/simd/${m[1]}.h`,
  )
  expect(headers.filter((f) => !included.has(f) && !levels.includes(f))).toEqual([])
})

test('a circle of imports is seen, and there is none', () => {
  const circles = (of: readonly Arrow[]): string[] => {
    const next = new Map<string, string[]>()
    for (const { from, to } of of) next.set(from, [...(next.get(from) ?? []), to])
    const done = new Set<string>()
    const path: string[] = []
    const found: string[] = []
    const walk = (file: string): void => {
      if (path.includes(file)) {
        found.push([...path.slice(path.indexOf(file)), file].join(' -> '))
        return
      }
      if (done.has(file)) return
      path.push(file)
      for (const to of next.get(file) ?? []) walk(to)
      path.pop()
      done.add(file)
    }
    for (const file of next.keys()) walk(file)
    return found
  }
  const there = arrows.find((a) => a.value) as Arrow
  expect(circles([there, { from: there.to, to: there.from, value: true }])).toHaveLength(1)
  expect(circles(arrows.filter((a) => a.value))).toEqual([])
})

test('few files lie loose among the operations', () => {
  const loose = sources.filter((f) => dirname(f) === 'lib/ops')
  expect(loose.length).toBeLessThanOrEqual(8)
})

test('no file is longer than 700 lines', () => {
  const long = files
    .filter((f) => /^(lib|native|test|scripts|bench|examples)\/.*\.(ts|mjs|js|cpp|h|py|def)$/.test(f))
    .filter((f) => !generated(f))
    .map((f) => ({ file: f, lines: read(f).split('\n').length - 1 }))
    .filter(({ lines }) => lines > 700)
  expect(long).toEqual([])
})
