/** So few are sorted by inserting: they are mostly in order already. */
const fewSlots = 64;

/** Sorts `slots[from, to)` by the panes of the slots. */
export function sortByPane(panes: Float64Array, slots: Int32Array, from: number, to: number): void {
  if (to - from > fewSlots) {
    slots.subarray(from, to).sort((a, b) => (panes[a] ?? 0) - (panes[b] ?? 0));
    return;
  }
  for (let i = from + 1; i < to; i++) {
    const slot = slots[i] ?? 0;
    const pane = panes[slot] ?? 0;
    let at = i;
    for (; at > from && (panes[slots[at - 1] ?? 0] ?? 0) > pane; at--) slots[at] = slots[at - 1] ?? 0;
    slots[at] = slot;
  }
}
