/** Items by rising time; equal times in the order they were put in. */
export class TimeHeap<T> {
  readonly #items: { readonly at: number; readonly order: number; readonly item: T }[] = [];
  #order = 0;

  get size(): number {
    return this.#items.length;
  }

  /** Time of the next item; Infinity when there is none. */
  get nextAt(): number {
    return this.#items[0]?.at ?? Infinity;
  }

  push(at: number, item: T): void {
    const items = this.#items;
    const added = { at, order: this.#order++, item };
    let place = items.push(added) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = items[parent];
      if (above === undefined || before(above, added)) break;
      items[place] = above;
      items[parent] = added;
      place = parent;
    }
  }

  pop(): T | null {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (first === undefined || last === undefined) return null;
    if (items.length > 0) this.#sink(last);
    return first.item;
  }

  #sink(item: { readonly at: number; readonly order: number; readonly item: T }): void {
    const items = this.#items;
    items[0] = item;
    for (let place = 0; ;) {
      let child = 2 * place + 1;
      const left = items[child];
      if (left === undefined) return;
      const right = items[child + 1];
      const smaller = right !== undefined && before(right, left) ? right : left;
      if (smaller === right) child++;
      if (before(item, smaller)) return;
      items[place] = smaller;
      items[child] = item;
      place = child;
    }
  }
}

function before(
  a: { readonly at: number; readonly order: number },
  b: { readonly at: number; readonly order: number },
): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
