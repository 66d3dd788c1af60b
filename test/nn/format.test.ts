import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatModule, formatModuleList, formatParameterLine } from '../../lib/nn/format'

interface Tree {
  name: string
  extra: string
  list: boolean
  children: [string, Tree][]
}

const golden = JSON.parse(readFileSync(join(__dirname, '../goldens/print.json'), 'utf8')) as {
  modules: { module: Tree; text: string }[]
}

function print({ name, extra, list, children }: Tree): string {
  const printed = children.map(([key, child]): [string, string] => [key, print(child)])
  if (list)
    return formatModuleList(
      name,
      printed.map(([, text]) => text),
    )
  return formatModule({ name, extraRepr: extra, children: printed })
}

test.each(golden.modules.map((row) => [row.module.name, row] as const))(
  '%s prints as PyTorch prints it',
  (_name, row) => {
    expect(print(row.module)).toBe(row.text)
  },
)

test('a line of a ParameterList', () => {
  expect(formatParameterLine('Parameter', 'float32', [2, 3])).toBe('Parameter containing: [float32 of size 2x3]')
})
