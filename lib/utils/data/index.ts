export { type Collated, defaultCollate, defaultConvert } from './collate'
export {
  ChainDataset,
  ConcatDataset,
  Dataset,
  IterableDataset,
  type MapDataset,
  randomSplit,
  StackDataset,
  Subset,
  TensorDataset,
} from './dataset'
export { DataLoader, type DataLoaderOptions } from './loader'
export type { WorkerOptions } from './worker-options'
export {
  BatchSampler,
  RandomSampler,
  Sampler,
  SequentialSampler,
  SubsetRandomSampler,
  WeightedRandomSampler,
} from './sampler'
