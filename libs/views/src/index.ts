export * from './physical.ts';
export type * from './expression.ts';
export type * from './fold.ts';
export type * from './partials.ts';
export type * from './view.ts';
export * from './errors.ts';
export { componentIndexes, componentsOf, componentsOfMeasure, expressionKey } from './components.ts';
