// npm run walks [-- NAME …]: the walks of CONTRIBUTING.md, gone. Each one's example is applied to a copy of the tree and its checks must
// pass; then each step is left out in turn, and the check that the page names for it must fail with the words it quotes.
// A walk that builds native code takes minutes; `--quick` leaves those out.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { die, ensureDependencies, ensureNative, inRoot, root } from './setup.mjs'

const PAGE = 'CONTRIBUTING.md'
// Not in this tree: tools that look for their settings upwards, or for files below, would find both.
let tree = ''

// ---- reading the page ---------------------------------------------------------------------------------------------

/** `path after "text"`, `path instead of "text"` or `path new`: where the code of a block goes. */
function target(info, where) {
  const m = info.match(/^\w+ (\S+) (?:(new)|(after|before|instead of) "(.*)")$/)
  if (!m) die(`${where}: cannot read the block's place: ${info}`)
  return { path: m[1], how: m[2] ?? m[3], anchor: m[4] }
}

/** The walks: sections of the page whose steps are numbered and have blocks that say where they go. */
function readWalks() {
  const walks = []
  let walk = null
  let step = null
  let block = null
  const page = readFileSync(inRoot(PAGE), 'utf8')
  page.split('\n').forEach((line, i) => {
    const where = `${PAGE}:${i + 1}`
    if (block) {
      if (/^\s*```\s*$/.test(line)) {
        step.edits.push({ ...block.target, code: block.lines.map((l) => l.slice(block.indent)).join('\n') })
        block = null
      } else block.lines.push(line)
      return
    }
    const heading = line.match(/^### Walk: (.*)$/)
    if (heading) {
      walk = { name: heading[1], steps: [], checks: [], native: false }
      walks.push(walk)
      step = null
      return
    }
    if (/^##? /.test(line)) walk = null
    if (!walk) return
    if (/^\d+\. /.test(line)) {
      step = { edits: [], forgotten: null, where }
      walk.steps.push(step)
    }
    const fence = line.match(/^(\s*)```(\S.*)$/)
    if (fence) {
      if (!step) die(`${where}: a block before the first step`)
      block = { target: target(fence[2], where), indent: fence[1].length, lines: [] }
      return
    }
    const forgotten = line.match(/^\s*Forgotten: `([^`]+)` says `([^`]+)`\.?$/)
    if (forgotten) step.forgotten = { command: forgotten[1], says: forgotten[2] }
    const checks = line.match(/^Then: (.*)$/)
    if (checks) walk.checks = [...checks[1].matchAll(/`([^`]+)`/g)].map((m) => m[1])
  })
  for (const w of walks) {
    w.native = w.steps.some((s) => s.edits.some((e) => e.path.startsWith('native/')))
    if (w.checks.length === 0) die(`${PAGE}: the walk "${w.name}" names no checks ("Then: …")`)
    for (const s of w.steps)
      if (s.edits.length > 0 && !s.forgotten) die(`${s.where}: what fails where this step is forgotten?`)
  }
  return walks
}

// ---- going them ---------------------------------------------------------------------------------------------------

/** A fresh copy of what git knows of, with the tools and, where it is built already, the addon of this one. */
function copyTree() {
  tree = mkdtempSync(join(tmpdir(), 'tenzo-walks-'))
  const { stdout } = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  for (const file of stdout.toString().split('\0'))
    if (file !== '' && existsSync(inRoot(file))) {
      mkdirSync(join(tree, dirname(file)), { recursive: true })
      cpSync(inRoot(file), join(tree, file))
    }
  symlinkSync(inRoot('node_modules'), join(tree, 'node_modules'))
  // Tests ask git which files there are.
  spawnSync('git', ['init', '-q'], { cwd: tree })
}

function apply({ path, how, anchor, code }) {
  const file = join(tree, path)
  if (how === 'new') {
    if (existsSync(file)) die(`${path} is there already`)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `${code}\n`)
    return
  }
  const text = readFileSync(file, 'utf8')
  const at = text.indexOf(anchor)
  if (at < 0 || text.indexOf(anchor, at + 1) >= 0) die(`${path}: "${anchor}" is not there exactly once`)
  const end = at + anchor.length
  const lineEnd = text.indexOf('\n', end) + 1
  const lineStart = text.lastIndexOf('\n', at) + 1
  if (how === 'after') writeFileSync(file, `${text.slice(0, lineEnd)}${code}\n${text.slice(lineEnd)}`)
  else if (how === 'before') writeFileSync(file, `${text.slice(0, lineStart)}${code}\n${text.slice(lineStart)}`)
  else writeFileSync(file, `${text.slice(0, at)}${code}${text.slice(end)}`)
}

/** Puts every file that a walk touches back, then applies the steps but one. */
function applyAll(walk, without = null) {
  for (const { path, how } of walk.steps.flatMap((s) => s.edits)) {
    if (how === 'new') rmSync(join(tree, path), { force: true })
    else cpSync(inRoot(path), join(tree, path))
  }
  for (const step of walk.steps) if (step !== without) for (const edit of step.edits) apply(edit)
}

function run(command, native) {
  // A walk that changes no native code uses the addon that is there.
  const env = {
    ...process.env,
    NODE_NO_WARNINGS: '1',
    ...(native ? {} : { TENZO_ADDON: inRoot('build/cmake/Release/tenzo.node') }),
  }
  const done = spawnSync(command, { cwd: tree, shell: true, env, encoding: 'utf8', maxBuffer: 1 << 28 })
  return { ok: done.status === 0, text: `${done.stdout}${done.stderr}` }
}

function go(walk) {
  console.log(`\n${walk.name}: ${walk.steps.filter((s) => s.edits.length > 0).length} hand edits`)
  const faults = []
  const seconds = (start) => `${((performance.now() - start) / 1000).toFixed(0)} s`
  copyTree()
  applyAll(walk)
  for (const command of walk.checks) {
    const start = performance.now()
    const { ok, text } = run(command, walk.native)
    console.log(`  ${ok ? 'passes' : 'FAILS '}  ${command}  (${seconds(start)})`)
    if (!ok) faults.push(`"${command}" fails with the whole walk gone:\n${text.slice(-3000)}`)
  }
  for (const [i, step] of walk.steps.entries()) {
    if (step.edits.length === 0) continue
    const start = performance.now()
    applyAll(walk, step)
    const { ok, text } = run(step.forgotten.command, walk.native)
    const told = !ok && text.includes(step.forgotten.says)
    console.log(`  ${told ? 'tells ' : 'SILENT'}  of step ${i + 1}: ${step.forgotten.command}  (${seconds(start)})`)
    if (!told)
      faults.push(
        `step ${i + 1} left out: "${step.forgotten.command}" ${ok ? 'passes' : `does not say "${step.forgotten.says}"`}:\n${text.slice(-3000)}`,
      )
  }
  rmSync(tree, { recursive: true, force: true })
  return faults
}

const wanted = process.argv.slice(2)
const quick = wanted.includes('--quick')
const names = wanted.filter((w) => w !== '--quick').map((w) => w.toLowerCase())
const chosen = readWalks()
  .filter((w) => names.length === 0 || names.some((n) => w.name.toLowerCase().includes(n)))
  .filter((w) => !(quick && w.native))
if (chosen.length === 0) die(`no walk of ${PAGE} is called so`)
ensureDependencies()
ensureNative()
const faults = chosen.flatMap((w) => go(w).map((f) => `${w.name}: ${f}`))
for (const f of faults) console.error(`\n${f}`)
console.log(`\n${chosen.length} walks gone, ${faults.length} faults`)
process.exitCode = faults.length > 0 ? 1 : 0
