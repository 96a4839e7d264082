/** A larger array, with what a smaller one holds at its start. */
export function grown<T extends Uint8Array | Int32Array | Float64Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
