import type { ControlRow } from '@twofold/releases';
import type { Truth } from './truth.ts';

/** E21: from a redaction's begin on nothing of its stream is registered without it. */
export class RedactionWatch {
  readonly #fail: (invariant: string, message: string) => void;
  readonly #truth: Truth;
  /** By stream: the sequence of the row in which its last redaction was begun. */
  readonly begun = new Map<string, number>();

  constructor(fail: (invariant: string, message: string) => void, truth: Truth) {
    this.#fail = fail;
    this.#truth = truth;
  }

  /** Registered anew after a loss: nothing was ever built without them. */
  registered(row: ControlRow): void {
    for (const { stream, corrections } of Object.values(row.entries))
      if (this.#truth.corrected.redactions(stream, corrections).length > 0) this.begun.set(stream, 0);
  }

  controlChanged(before: ControlRow, row: ControlRow): void {
    for (const [stream, { correction }] of Object.entries(row.redactions ?? {}))
      if (before.redactions?.[stream]?.correction !== correction) this.begun.set(stream, row.sequence);
    const known = new Set(before.candidates.map(({ id }) => id));
    for (const { id, entries } of row.candidates)
      for (const { stream, view, corrections } of known.has(id) ? [] : entries) {
        const under = row.redactions?.[stream]?.correction;
        if (under !== undefined && !corrections.includes(under))
          this.#fail('E21', `candidate ${id} is registered with view ${view}, built without redaction ${under}`);
      }
  }
}
