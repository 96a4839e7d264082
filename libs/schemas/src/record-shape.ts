/**
 * The bytes around the values of a record, learnt from one that was sound: senders write the same ones again and again.
 * A record with the same bytes around values that are whole tokens is as sound as that one was, and names the same
 * fields, blanks and undeclared keys included.
 */
export class RecordShape {
  /** How many values it has; 0 when nothing was learnt yet. */
  steps = 0;
  /** By step: the field whose value follows the literal of this step. */
  readonly fields: Int32Array;
  /** By step, and once more for what follows the last value: where its literal starts in `literals`. */
  readonly literalStarts: Int32Array;
  private literals = new Uint8Array(256);
  private literalView = new DataView(this.literals.buffer);

  constructor(fields: number) {
    this.fields = new Int32Array(fields);
    this.literalStarts = new Int32Array(fields + 2);
  }

  /** Starts to learn a record. Then `add` for each value, and `finish`. */
  restart(): void {
    this.steps = 0;
  }

  add(field: number, bytes: Uint8Array, literalStart: number, valueStart: number): void {
    this.keep(this.steps, bytes, literalStart, valueStart);
    this.fields[this.steps++] = field;
  }

  finish(bytes: Uint8Array, literalStart: number, end: number): void {
    this.keep(this.steps, bytes, literalStart, end);
  }

  /**
   * For each place that is not -1: moves it behind the literal of a step, or makes it -1 where something else stands.
   * After the last literal the record has to end; after any other one it must not.
   */
  match(step: number, view: DataView, places: Int32Array, ends: Int32Array, count: number): void {
    const { literalView } = this;
    const from = this.literalStarts[step] ?? 0;
    const length = (this.literalStarts[step + 1] ?? 0) - from;
    const last = step === this.steps;
    for (let i = 0; i < count; i++) {
      const at = places[i] ?? -1;
      if (at === -1) continue;
      const left = (ends[i] ?? 0) - at - length;
      let done = (last ? left === 0 : left > 0) ? 0 : length + 1;
      for (; done + 4 <= length; done += 4) {
        if (view.getInt32(at + done, true) !== literalView.getInt32(from + done, true)) break;
      }
      while (done < length && view.getUint8(at + done) === literalView.getUint8(from + done)) done++;
      places[i] = done === length ? at + length : -1;
    }
  }

  private keep(step: number, bytes: Uint8Array, start: number, end: number): void {
    const from = this.literalStarts[step] ?? 0;
    const to = from + end - start;
    if (to > this.literals.length) {
      const larger = new Uint8Array(to * 2);
      larger.set(this.literals);
      this.literals = larger;
      this.literalView = new DataView(larger.buffer);
    }
    this.literals.set(bytes.subarray(start, end), from);
    this.literalStarts[step + 1] = to;
  }
}
