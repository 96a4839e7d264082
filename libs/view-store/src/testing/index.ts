export * from './samples.ts';
export * from './view-store-contract.ts';
