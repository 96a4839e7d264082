export * from './errors.ts';
export type * from './view-store.ts';
