/** Loss and accuracy by epoch as an SVG. */
import type { TopLevelSpec } from 'vega-lite'

export interface Entry {
  epoch: number
  loss: number
  accuracy: number
}

/** @returns the text of an SVG file */
export async function curves(history: readonly Entry[]): Promise<string> {
  const [{ compile }, vega] = await Promise.all([import('vega-lite'), import('vega')])
  const line = (field: 'loss' | 'accuracy', title: string, color: string): TopLevelSpec =>
    ({
      width: 320,
      height: 240,
      mark: { type: 'line', point: true, color },
      encoding: {
        x: { field: 'epoch', type: 'quantitative', axis: { tickMinStep: 1, title: 'epoch' } },
        y: { field, type: 'quantitative', title, scale: { zero: false } },
      },
    }) as unknown as TopLevelSpec
  const spec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    data: { values: [...history] },
    hconcat: [line('loss', 'training loss', '#4c78a8'), line('accuracy', 'test accuracy', '#f58518')],
  } as unknown as TopLevelSpec
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' })
  return view.toSVG()
}
