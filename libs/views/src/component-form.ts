import type { ComponentState } from './component-state.ts';
import { CountState } from './count-state.ts';
import { ExtremeState } from './extreme-state.ts';
import { SketchState } from './sketch-state.ts';
import { SumState } from './sum-state.ts';

/** How a component is written in a partial. */
export const Form = { count: 0, sum: 1, number: 2, text: 3, sketch: 4 } as const;

export function formOf(state: ComponentState): number {
  if (state instanceof CountState) return Form.count;
  if (state instanceof SumState) return Form.sum;
  if (state instanceof SketchState) return Form.sketch;
  return state instanceof ExtremeState ? Form.number : Form.text;
}
