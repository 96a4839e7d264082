export * from './batch-engine-contract.ts';
export * from './engine-views.ts';
export * from './event-files.ts';
export * from './partial-rows.ts';
export * from './reference-fold.ts';
export * from './source-events.ts';
