export type * from './control-row.ts';
