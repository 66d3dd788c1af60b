/** Saving never harms: what stands under a name keeps its kind and its rights, and is there until the new content is complete. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { createServer, connect } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileError, load, ones, save, saveAsync, type Tensor, tensor } from 'tenzo'
import { drive } from '../../lib/io/files'
import { type Call, named } from '../../lib/io/system'
import { type Target, targetOf, writeFile } from '../../lib/io/write'

const folder = fs.mkdtempSync(join(tmpdir(), 'tenzo-write-'))
afterAll(() => fs.rmSync(folder, { recursive: true }))
let count = 0
const fresh = (name = '.npy'): string => join(folder, `${count++}${name}`)
const refusal = (path: string, code: string, syscall: string) =>
  expect.objectContaining({ code: 'ERR_TENZO_FILE', data: { path, code, syscall } })
const leftovers = (of: string): string[] => fs.readdirSync(of).filter((name) => name.endsWith('.tmp'))
const x = tensor([1, 2, 3])
const isRoot = process.getuid?.() === 0
const onPosix = process.platform === 'win32' ? describe.skip : describe

/** Saves either way. */
const saving: [string, (path: string) => Promise<void>][] = [
  ['save', async (path) => save(x, path)],
  ['saveAsync', (path) => saveAsync(x, path)],
]

onPosix.each(saving)('%s', (_name, run) => {
  test('a pipe is written to and stays one', async () => {
    const path = fresh()
    execFileSync('mkfifo', [path])
    // The reader is another process: a save that waits would wait for this one.
    const copy = fresh()
    const reader = spawn('sh', ['-c', 'cat "$1" > "$2"', 'sh', path, copy])
    const closed = new Promise((resolve) => reader.on('close', resolve))
    await run(path)
    await closed
    expect(fs.lstatSync(path).isFIFO()).toBe(true)
    expect(load<Tensor>(copy)).toEqual(x)
  })

  test('a link to a pipe, too', async () => {
    const [path, link, copy] = [fresh(), fresh(), fresh()]
    execFileSync('mkfifo', [path])
    fs.symlinkSync(path, link)
    const reader = spawn('sh', ['-c', 'cat "$1" > "$2"', 'sh', path, copy])
    const closed = new Promise((resolve) => reader.on('close', resolve))
    await run(link)
    await closed
    expect([fs.lstatSync(link).isSymbolicLink(), fs.lstatSync(path).isFIFO()]).toEqual([true, true])
    expect(load<Tensor>(copy)).toEqual(x)
  })

  test('a socket cannot be opened and stays one that works', async () => {
    const path = fresh()
    const server = createServer((socket) => socket.end('still here'))
    await new Promise<void>((resolve) => server.listen(path, resolve))
    await expect(run(path)).rejects.toEqual(refusal(path, 'ENXIO', 'open'))
    expect(fs.lstatSync(path).isSocket()).toBe(true)
    const answer = await new Promise((resolve) => connect(path).on('data', (data) => resolve(data.toString())))
    expect(answer).toBe('still here')
    await new Promise((resolve) => server.close(resolve))
  })

  test('a folder is refused', async () => {
    const path = fresh()
    fs.mkdirSync(path)
    await expect(run(path)).rejects.toEqual(
      expect.objectContaining({ code: 'ERR_TENZO_FILE', data: { path, code: 'EISDIR' } }),
    )
    expect(fs.readdirSync(path)).toEqual([])
  })

  test('a folder that is not there', async () => {
    const path = join(folder, 'nowhere', 'x.npy')
    await expect(run(path)).rejects.toEqual(refusal(path, 'ENOENT', 'open'))
    await expect(run(path)).rejects.toThrow(`${path}: no such file or directory (ENOENT, open)`)
  })

  test('links stay links, through several and to what is not there yet', async () => {
    const there = join(folder, `there${count++}`)
    fs.mkdirSync(there)
    const [first, second] = [fresh(), fresh()]
    // Relative, each to the folder it lies in.
    fs.symlinkSync(join(there.slice(folder.length + 1), 'second.npy'), first)
    fs.symlinkSync('third.npy', join(there, 'second.npy'))
    for (let time = 0; time < 2; time++) {
      await run(first)
      expect([first, join(there, 'second.npy')].map((link) => fs.lstatSync(link).isSymbolicLink())).toEqual([
        true,
        true,
      ])
      expect(fs.lstatSync(join(there, 'third.npy')).isFile()).toBe(true)
    }
    expect(load<Tensor>(first)).toEqual(x)
    fs.symlinkSync(second, second)
    await expect(run(second)).rejects.toEqual(refusal(second, 'ELOOP', 'stat'))
  })

  test('a link within a linked folder, out of it again', async () => {
    const [real, linked] = [fresh('a'), fresh('b')]
    fs.mkdirSync(join(real, 'inner'), { recursive: true })
    fs.symlinkSync(join(real, 'inner'), linked)
    fs.symlinkSync('../outer.npy', join(real, 'inner', 'x.npy'))
    await run(join(linked, 'x.npy'))
    expect(load<Tensor>(join(real, 'outer.npy'))).toEqual(x)
  })

  test('the mode stays; a new file obeys the umask', async () => {
    const path = fresh()
    for (const mode of [0o600, 0o640, 0o755, 0o666]) {
      fs.writeFileSync(path, 'old')
      fs.chmodSync(path, mode)
      await run(path)
      expect(fs.statSync(path).mode & 0o7777).toBe(mode)
    }
    const before = process.umask(0o027)
    const made = fresh()
    try {
      await run(made)
    } finally {
      process.umask(before)
    }
    expect(fs.statSync(made).mode & 0o777).toBe(0o640)
  })

  ;(isRoot ? test : test.skip)('owner and group stay where the process may set them', async () => {
    const path = fresh()
    fs.writeFileSync(path, 'old')
    fs.chownSync(path, 12_345, 54_321)
    fs.chmodSync(path, 0o640)
    await run(path)
    const { uid, gid, mode } = fs.statSync(path)
    expect([uid, gid, mode & 0o777]).toEqual([12_345, 54_321, 0o640])
  })

  test('a name as long as names may be', async () => {
    const path = join(folder, `${'n'.repeat(251)}.npy`)
    await run(path)
    await run(path)
    expect(load<Tensor>(path)).toEqual(x)
    expect(leftovers(folder)).toEqual([])
  })
})

/** Answers the calls of a generator, by their names; what is not answered is not there. */
function targetWith(path: string, answers: Record<string, () => unknown>): Target {
  const steps = targetOf(path)
  let step = steps.next()
  while (!step.done) {
    const { name } = step.value as Call
    const answer = answers[name]
    step = answer ? steps.next(answer()) : steps.throw(Object.assign(new Error(), { code: 'ENOENT', syscall: name }))
  }
  return step.value
}

describe('the kind of a target', () => {
  type Kind = 'File' | 'Directory' | 'FIFO' | 'Socket' | 'CharacterDevice' | 'BlockDevice'
  const stats = (kind: Kind): fs.Stats =>
    Object.fromEntries(
      ['File', 'Directory', 'FIFO', 'Socket', 'CharacterDevice', 'BlockDevice'].map((k) => [
        `is${k}`,
        () => k === kind,
      ]),
    ) as unknown as fs.Stats

  test.each<Kind>(['FIFO', 'Socket', 'CharacterDevice', 'BlockDevice'])('%s: written through', (kind) => {
    const target = targetWith('/somewhere/x', { stat: () => stats(kind) })
    expect(target).toEqual({ path: '/somewhere/x', replaced: null, through: true })
  })

  test('a regular file: replaced where the links lead, if it may be written to', () => {
    const found = stats('File')
    const answers = { stat: () => found, realpath: () => '/real/x' }
    expect(targetWith('/link', { ...answers, open: () => 3, close: () => undefined })).toEqual({
      path: '/real/x',
      replaced: found,
      through: false,
    })
    expect(() => targetWith('/link', answers)).toThrow(expect.objectContaining({ syscall: 'open' }))
  })

  test('a directory: refused', () => {
    expect(() => targetWith('/somewhere', { stat: () => stats('Directory') })).toThrow(FileError)
  })

  test('nothing: made', () => {
    expect(targetWith('/x', {})).toEqual({ path: '/x', replaced: null, through: false })
  })
})

/** Drives a save with some of the system's calls failing, and says which were made. */
function saveWith(path: string, failing: Record<string, string>): string[] {
  const steps = writeFile(path, [Buffer.from('new')])
  const made: string[] = []
  let step = steps.next()
  while (!step.done) {
    const wanted = step.value as Call
    made.push(wanted.name)
    const code = failing[wanted.name]
    if (code !== undefined) {
      step = steps.throw(Object.assign(new Error(), { code, syscall: wanted.name }))
      continue
    }
    let answer: unknown
    try {
      answer = drive(
        (function* () {
          return yield wanted
        })(),
      )
    } catch (error) {
      step = steps.throw(error)
      continue
    }
    step = steps.next(answer)
  }
  return made
}

describe('failures', () => {
  test.each([
    ['write', 'ENOSPC'],
    ['write', 'EDQUOT'],
    ['write', 'EIO'],
    ['fsync', 'ENOSPC'],
    ['close', 'EDQUOT'],
    ['open', 'EROFS'],
    ['open', 'EACCES'],
    ['rename', 'EPERM'],
    ['stat', 'EACCES'],
  ])('%s says %s: a FileError, and the old file is there', (name, code) => {
    const path = fresh()
    fs.writeFileSync(path, 'old')
    expect(() => saveWith(path, { [name]: code })).toThrow(refusal(path, code, name))
    expect(fs.readFileSync(path, 'utf8')).toBe('old')
    expect(leftovers(folder)).toEqual([])
  })

  test('what does not matter: rights that cannot be set, a folder that cannot be listed or synchronised', () => {
    for (const name of ['fchmod', 'fchown', 'readdir']) {
      const path = fresh()
      fs.writeFileSync(path, 'old')
      expect(saveWith(path, { [name]: 'EPERM' })).toContain('rename')
      expect(fs.readFileSync(path, 'utf8')).toBe('new')
    }
  })

  test('data are on the disk before the file has its name, and the folder afterwards', () => {
    const made = saveWith(fresh(), {})
    expect(made.slice(made.indexOf('write'))).toEqual(['write', 'fsync', 'close', 'rename', 'open', 'fsync', 'close'])
  })

  test('the error has the cause, and its message the words of the system', () => {
    const cause = Object.assign(new Error('x'), { code: 'ENOSPC', syscall: 'write', errno: -28 })
    const error = named('a.pt', cause) as FileError
    expect([error.message, error.cause]).toEqual(['a.pt: no space left on device (ENOSPC, write)', cause])
    expect(named('a.pt', new TypeError('other'))).toEqual(new TypeError('other'))
  })

  // As another user, since root has every right.
  ;(isRoot ? test : test.skip)('without rights', () => {
    const closed = fresh('')
    fs.mkdirSync(closed)
    fs.chmodSync(folder, 0o755)
    const [kept, made] = [join(closed, 'kept.npy'), join(closed, 'made.npy')]
    save(ones([2]), kept)
    const writeProtected = fresh()
    save(ones([2]), writeProtected)
    fs.chmodSync(writeProtected, 0o444)
    const user = process.geteuid!()
    try {
      process.seteuid!(65_534)
      expect(() => save(x, made)).toThrow(refusal(made, 'EACCES', 'open'))
      expect(() => save(x, kept)).toThrow(refusal(kept, 'EACCES', 'open'))
      expect(() => save(x, writeProtected)).toThrow(refusal(writeProtected, 'EACCES', 'open'))
    } finally {
      process.seteuid!(user)
    }
    expect(load<Tensor>(kept)).toEqual(ones([2]))
    expect(load<Tensor>(writeProtected)).toEqual(ones([2]))
  })
})

onPosix('temporary files', () => {
  /** The one that a process began and did not finish. */
  function begun(path: string, pid?: number, start?: string): string {
    const steps = writeFile(path, [])
    for (let step = steps.next(); !step.done; ) {
      const wanted = step.value as Call
      if (wanted.name === 'open') {
        const name = String(wanted.args[0])
        const made = name.replace(
          /-(\d+)-(\d*)-(?=[0-9a-f-]{36}\.tmp$)/,
          (_all, p: string, s: string) => `-${pid ?? p}-${start ?? s}-`,
        )
        fs.writeFileSync(made, 'half')
        return made
      }
      const answers: Record<string, unknown> = { readdir: [] }
      step =
        wanted.name === 'stat' || wanted.name === 'readlink'
          ? steps.throw(Object.assign(new Error(), { code: 'ENOENT' }))
          : steps.next(answers[wanted.name])
    }
    throw new Error('nothing was opened')
  }
  const dead = (): number => {
    const { pid } = spawnSync('true')
    return pid
  }

  test('of processes that are gone are removed by the next save of the path, and no others', () => {
    const path = fresh()
    const gone = [begun(path, dead()), begun(path, dead())]
    const kept = [
      begun(path),
      begun(path, process.ppid, ''),
      begun(`${path}.other`, dead()),
      begun(path, dead()).replace(/\.[0-9a-f]{8}-(?=\d+-)/, '.00000000-'),
      join(folder, `.${path.slice(folder.length + 1)}.notes.tmp`),
    ]
    for (const name of kept) fs.writeFileSync(name, '')
    // The fourth was made under another name first.
    save(x, path)
    for (const name of gone) expect(fs.existsSync(name)).toBe(false)
    for (const name of kept) expect([name, fs.existsSync(name)]).toEqual([name, true])
    for (const name of kept) fs.rmSync(name)
    expect(leftovers(folder)).toEqual([])
  })

  ;(process.platform === 'linux' ? test : test.skip)('of a process whose number has a new one', () => {
    const path = fresh()
    const old = begun(path, process.pid, '1')
    save(x, path)
    expect(fs.existsSync(old)).toBe(false)
  })

  test('say nothing of the computer but a digest', () => {
    const made = begun(fresh())
    expect(made).not.toContain(hostname())
    fs.rmSync(made)
  })

  test('of saves at the same time: each succeeds, the last wins', async () => {
    const path = fresh()
    await Promise.all(Array.from({ length: 20 }, (_, i) => saveAsync(tensor([i]), path)))
    expect(load<Tensor>(path).shape).toEqual([1])
    expect(leftovers(folder)).toEqual([])
  })
})
