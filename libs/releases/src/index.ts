export type * from './control-row.ts';
export * from './cover.ts';
export * from './errors.ts';
export * from './job-mark.ts';
export * from './lanes.ts';
export * from './lookup.ts';
export type { Transition } from './transition.ts';
export * from './transitions.ts';
export * from './trim.ts';
