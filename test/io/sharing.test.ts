import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { arange, full, loadModel, nn, ones, openSafetensors, save, saveModel, type Tensor } from 'tenzo'

interface Outcome<T> {
  result?: T
  error?: string
}
interface Case {
  bases: number[]
  views: Record<string, { base: number; start: number; shape: number[] }>
  save: Outcome<{ names: string[]; metadata: Record<string, string> }>
  saveFile: Outcome<null>
  file: string[]
  load: Record<
    'strict' | 'loose',
    Outcome<{ missing: string[]; unexpected: string[] }> & { values: Record<string, number[]> }
  >
}

const cases = JSON.parse(
  gunzipSync(fs.readFileSync(join(__dirname, '../goldens/safetensors/sharing.json.gz'))).toString(),
) as Case[]
const folder = fs.mkdtempSync(join(tmpdir(), 'tenzo-sharing-'))
afterAll(() => fs.rmSync(folder, { recursive: true }))
const path = join(folder, 'model.safetensors')

const outcome = <T>(run: () => T): Outcome<T> => {
  try {
    return { result: run() }
  } catch (error) {
    return { error: (error as Error).message.replace('`saveModel`', '`save_model`') }
  }
}

/** The module of buffers over shared memory that test/oracle/safetensors_files.py made. */
function moduleOf({ bases, views }: Case): nn.Module {
  class Module extends nn.Module {}
  const module = new Module()
  const memory = bases.map((length) => arange(length, { dtype: 'float32' }))
  for (const [name, { base, start, shape }] of Object.entries(views)) {
    const count = shape.reduce((product, size) => product * size, 1)
    module.registerBuffer(name, memory[base]!.narrow(0, start, count).view(shape))
  }
  return module
}

describe.each(cases.map((row, i) => [i, row] as const))('memory shared in way %i', (_i, row) => {
  test('saveModel keeps the names that save_model keeps', () => {
    const saved = outcome(() => {
      saveModel(moduleOf(row), path)
      using file = openSafetensors(path)
      return { names: [...file.tensors.keys()].sort(), metadata: { ...file.metadata } }
    })
    expect(saved).toEqual(row.save)
  })

  test('save refuses what save_file refuses, but for names of the same tensor', () => {
    const found = outcome(() => {
      save(moduleOf(row).stateDict(), path)
      return null
    })
    const kinds = new Set(Object.values(row.views).map((view) => JSON.stringify(view)))
    if (kinds.size === Object.keys(row.views).length) expect(found).toEqual(row.saveFile)
    else if (row.saveFile.error === undefined) expect(found.error).toBeUndefined()
  })

  test.each(['strict', 'loose'] as const)('loadModel, %s', (mode) => {
    const entries = row.file.map((name, i): [string, Tensor] => [
      name,
      row.views[name] ? full(row.views[name].shape, i + 1) : ones([1]),
    ])
    save(new Map(entries), path)
    const module = moduleOf(row)
    const { values, ...expected } = row.load[mode]
    const loaded = outcome(() => {
      const { missingKeys, unexpectedKeys } = loadModel(module, path, { strict: mode === 'strict' })
      return { missing: missingKeys.sort(), unexpected: unexpectedKeys.sort() }
    })
    expect(loaded).toEqual(expected)
    for (const [name, value] of module.stateDict())
      expect([name, value.flatten().toArray()]).toEqual([name, values[name]])
  })
})
