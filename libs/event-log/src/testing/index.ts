export * from './event-log-contract.ts';
export * from './read-records.ts';
export * from './test-clock.ts';
