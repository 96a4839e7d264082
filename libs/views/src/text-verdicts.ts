import type { TextDictionary } from '@twofold/schemas';

/** What a test says of the texts of a dictionary: each is asked once. Null is none of them, and no test is TRUE of it. */
export class TextVerdicts {
  private readonly test: (text: string) => boolean;
  /** By text id + 1: 0 not asked yet, 1 false, 2 true. The first is null's. */
  private known = Uint8Array.of(1);
  /** Texts that are known, from the first on. */
  private filled = 0;
  private dictionary: TextDictionary | null = null;
  private generation = -1;

  constructor(test: (text: string) => boolean) {
    this.test = test;
  }

  /** By text id + 1, with room for all of the dictionary: 0 where `ask` has to be called, 1 false, 2 true. */
  of(dictionary: TextDictionary): Uint8Array {
    if (dictionary !== this.dictionary || dictionary.generation !== this.generation) {
      this.dictionary = dictionary;
      this.generation = dictionary.generation;
      this.known = Uint8Array.of(1);
      this.filled = 0;
    }
    if (dictionary.size >= this.known.length) {
      const larger = new Uint8Array(Math.max(this.known.length * 2, dictionary.size + 1, 64));
      larger.set(this.known);
      this.known = larger;
    }
    return this.known;
  }

  /** The same, of which nothing has to be asked. */
  all(dictionary: TextDictionary): Uint8Array {
    const known = this.of(dictionary);
    for (; this.filled < dictionary.size; this.filled++) if (known[this.filled + 1] === 0) this.ask(this.filled);
    return known;
  }

  /** 1 false, 2 true, of a text of the dictionary that `of` was called with last. */
  ask(id: number): number {
    return (this.known[id + 1] = this.test(this.dictionary?.text(id) ?? '') ? 2 : 1);
  }
}
