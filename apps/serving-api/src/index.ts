export { answerPage, type AnswerPage } from './answer-page.ts';
export {
  answerRows,
  presentRows,
  totalOf,
  type AnsweredRows,
  type AnswerPorts,
  type Presentation,
} from './answer-rows.ts';
export { ByteCache } from './byte-cache.ts';
export { CursorCodec } from './cursor.ts';
export * from './errors.ts';
export { completeBefore, freshnessOf, type Freshness, type Health } from './freshness.ts';
export { selectKeys, type KeyArgument, type KeyFilter, type KeySelection } from './key-argument.ts';
export type * from './operations/operations.ts';
export type { PlacedChange, RestatementSource } from './operations/restatement-field.ts';
export { BY_WINDOW, type RowOrder } from './order-rows.ts';
export { PinnedPanes } from './pinned-panes.ts';
export { PresentedCache } from './presented-cache.ts';
export { BatchReader } from './read-batch.ts';
export type { PartitionRead } from './read-positions.ts';
export type { LayerSelection, ReadRequest, WindowPlan } from './read-request.ts';
export { readView, type Layer, type MergedPanes, type ReadPorts } from './read-view.ts';
export { schemaText } from './schema-text.ts';
export type { Serving } from './serving-context.ts';
export { startServingApi, type ServingApi, type ServingOptions } from './start-serving-api.ts';
export { keyText } from './value-forms.ts';
