// npm run record -- NAME [args]: runs a recorder of test/oracle, which writes down what PyTorch does; without a name, lists them.
// npm run record -- --check [NAME …]: runs all, or those named, into a temporary folder, and says what differs from the committed files.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { die, inRoot } from './setup.mjs'

const VERSION = '2.13'
const ORACLE = inRoot('test', 'oracle')
const GOLDENS = inRoot('test', 'goldens')

/** The order of sets in the committed recordings. */
process.env.PYTHONHASHSEED = '11'

/** Recordings that another machine, or another run, need not repeat. */
const CPU = 'last bits follow the CPU that PyTorch and its libraries choose their code for'
const VARYING = {
  'bits.json': 'the order of sums on an AMD CPU with AVX-512',
  'layers.json.gz': `orthogonal initialisation goes through LAPACK: ${CPU}`,
  'ops/extremal.json.gz': CPU,
  'ops/matmul.json.gz': CPU,
  'ops/norm.json.gz': CPU,
  'ops/scan.json.gz': CPU,
  'programs.json.gz': CPU,
  'pt/torch-2.13.json.gz': 'the old format names storages by their addresses',
  'safetensors/tied.safetensors': 'the library writes the metadata of a file in any order',
  'training.json': CPU,
}

/** Name and first sentence of every recorder: the Python files that can be run. */
const recorders = new Map(
  readdirSync(ORACLE)
    .filter((file) => file.endsWith('.py'))
    .map((file) => [file.slice(0, -3), readFileSync(join(ORACLE, file), 'utf8')])
    .filter(([, text]) => text.includes("\nif __name__ == '__main__'") || text.includes('\nif __name__ == "__main__"'))
    .map(([name, text]) => [name, text.match(/^"""\s*(.*?(?:\.(?=\s|")|$))/s)[1].replace(/\s+/g, ' ')]),
)

/** A Python that has PyTorch: the one in the variable PYTHON, or the usual ones. */
function python() {
  const tried = process.env.PYTHON ? [process.env.PYTHON] : ['python3', 'python']
  const program = 'import numpy, torch; print(torch.__version__)'
  for (const command of tried) {
    const found = spawnSync(command, ['-c', program], { encoding: 'utf8' })
    if (found.status !== 0) continue
    const version = found.stdout.trim()
    if (!version.startsWith(`${VERSION}.`))
      console.error(`${command} has PyTorch ${version}; the tests are of ${VERSION}.`)
    return command
  }
  return die(
    `Recording needs a Python with PyTorch, and ${tried.join(' and ')} ${tried.length > 1 ? 'have' : 'has'} none. For example:

    python3 -m venv build/oracle
    build/oracle/bin/pip install torch==${VERSION} numpy safetensors
    PYTHON=build/oracle/bin/python npm run record -- NAME`,
  )
}

const script = (name) => {
  if (!recorders.has(name)) die(`no recorder "${name}"; npm run record lists them.`)
  return join(ORACLE, `${name}.py`)
}

/** Where the committed file of a recording is. */
const committed = (file) =>
  file.endsWith('.inc') ? inRoot('native', 'kernels', 'random', file) : join(GOLDENS, ...file.split('/'))
const sorted = (_, v) =>
  v === null || typeof v !== 'object' || Array.isArray(v) ? v : Object.fromEntries(Object.entries(v).sort())
/** What counts of a file: not how it is packed, which follows the version of zlib, nor the order of keys. */
function contents(path) {
  const bytes = readFileSync(path)
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1')
  return /\.json(\.gz)?$/.test(path) ? JSON.stringify(JSON.parse(text), sorted) : text
}

/** Runs a recorder into a folder of its own; the files that it wrote, and whether they are those committed. */
function recordAnew(command, name, out) {
  return new Promise((resolve) => {
    const child = spawn(command, [script(name)], { env: { ...process.env, GOLDENS_OUT: out }, stdio: 'pipe' })
    let said = ''
    child.stdout.resume()
    child.stderr.on('data', (data) => {
      said += data
    })
    child.on('error', (error) => resolve({ failed: error.message }))
    child.on('close', (code) => {
      if (code !== 0) return resolve({ failed: said.trim().split('\n').at(-1) })
      const files = readdirSync(out, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) =>
          join(entry.parentPath ?? entry.path, entry.name)
            .slice(out.length + 1)
            .replaceAll('\\', '/'),
        )
      resolve({
        files: files.sort().map((file) => {
          const now = committed(file)
          if (!existsSync(now)) return [file, 'new']
          return [file, contents(now) === contents(join(out, file)) ? 'same' : 'differs']
        }),
      })
    })
  })
}

async function check(names) {
  const command = python()
  const folder = mkdtempSync(join(tmpdir(), 'tenzo-record-'))
  const waiting = [...names]
  let wrong = 0
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const start = performance.now()
      const { failed, files = [] } = await recordAnew(command, name, mkdtempSync(join(folder, `${name}-`)))
      console.log(`${name}, ${((performance.now() - start) / 1000).toFixed(0)} s${failed ? `: failed: ${failed}` : ''}`)
      if (failed) wrong++
      for (const [file, state] of files) {
        const reason = VARYING[file]
        if (state === 'same') console.log(`  ${file}: the same`)
        else if (reason) console.log(`  ${file}: ${state}, as it may: ${reason}`)
        else {
          console.log(`  ${file}: ${state}`)
          wrong++
        }
      }
    }
  }
  try {
    await Promise.all(Array.from({ length: availableParallelism() }, work))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  console.log(wrong ? `\n${wrong} not as committed` : '\nall as committed')
  return wrong ? 1 : 0
}

const [first, ...rest] = process.argv.slice(2)
if (first === undefined) {
  const width = Math.max(...[...recorders.keys()].map((name) => name.length))
  for (const [name, does] of recorders) console.log(`${name.padEnd(width)}  ${does}`)
} else if (first === '--check') {
  for (const name of rest) script(name)
  process.exitCode = await check(rest.length ? rest : recorders.keys())
} else {
  const done = spawnSync(python(), [script(first), ...rest], { stdio: 'inherit' })
  process.exitCode = done.status ?? 1
}
