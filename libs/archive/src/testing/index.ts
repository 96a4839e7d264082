export * from './archive-contract.ts';
export * from './archive-fixtures.ts';
export * from './archive-harness.ts';
export { describeArchived } from './file-contract.ts';
export * from './small-dictionary.ts';
