export * from './destroy-embedded-store.ts';
export * from './open-embedded-store.ts';
