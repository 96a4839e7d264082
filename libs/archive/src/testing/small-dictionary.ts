import type { TextDictionary } from '@twofold/schemas';

/** A text dictionary for tests: right, and slow. */
export function createSmallDictionary(): TextDictionary & { add(text: string): number } {
  let texts: string[] = [];
  let ids = new Map<string, number>();
  let generation = 0;
  const add = (text: string): number => {
    let id = ids.get(text);
    if (id === undefined) {
      id = texts.length;
      texts.push(text);
      ids.set(text, id);
    }
    return id;
  };
  return {
    get size() {
      return texts.length;
    },
    get generation() {
      return generation;
    },
    text: (id) => texts[id] ?? '',
    bytes: (id) => new TextEncoder().encode(texts[id] ?? ''),
    intern: (bytes, start, end) => add(new TextDecoder().decode(bytes.subarray(start, end))),
    reset() {
      texts = [];
      ids = new Map();
      generation++;
    },
    add,
  };
}
