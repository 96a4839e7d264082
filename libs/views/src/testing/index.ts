export * from './arbitraries.ts';
export * from './field-expr.ts';
export * from './measure-laws.ts';
export * from './memory-columns.ts';
export * from './naive-bins.ts';
export * from './naive-distinct.ts';
