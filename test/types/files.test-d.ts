/** Files: options, and what is known of what is read. */
import {
  FileError,
  load,
  loadModel,
  nn,
  readIdx,
  type SafeFile,
  safeOpen,
  safeOpenAsync,
  slice,
  type Tensor,
} from 'tenzo'
import { exactly, typed } from './assert'

exactly<Map<string, Tensor>>()(load('a.pt', { maxBytes: 1e9 }))
exactly<Tensor>()(load('a.npy', 'cpu', { maxBytes: 1e9 }))
loadModel(new nn.Linear(1, 1), 'a.pt', { strict: false, maxBytes: 1e9 })
readIdx('images.gz', { maxBytes: 1e9 })
// @ts-expect-error a number of bytes
load('a.pt', { maxBytes: '1 GB' })

const file = safeOpen('a.safetensors', { device: 'cpu' })
exactly<SafeFile>()(file)
exactly<Promise<SafeFile>>()(safeOpenAsync('a.safetensors'))
exactly<string[]>()(file.keys())
exactly<Record<string, string> | null>()(file.metadata())
exactly<Tensor>()(file.getTensor('x'))
exactly<number[]>()(file.getSlice('x').getShape())
exactly<Tensor>()(file.getSlice('x').at(0, slice(1, 3), null, '...'))
exactly<Promise<Tensor>>()(file.getSlice('x').atAsync(-1))
// @ts-expect-error picked by numbers and slices
file.getSlice('x').at([0, 1])
// @ts-expect-error no device of ours
safeOpen('a.safetensors', { device: 'cuda' })

typed(new FileError('x').data.path)
