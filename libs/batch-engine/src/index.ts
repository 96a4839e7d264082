export type * from './batch-engine.ts';
export { columnsOf } from './columns-of.ts';
export * from './create-js-engine.ts';
export * from './errors.ts';
export * from './positions-within.ts';
export * from './reducing-engine.ts';
export * from './source-ranges.ts';
export * from './work-folders.ts';
