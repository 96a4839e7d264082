import type { TextDictionary } from '@twofold/schemas';

/** What a test says of the texts of a dictionary: each is asked once. */
export class TextVerdicts {
  private readonly test: (text: string) => boolean;
  /** By text id: 0 not asked yet, 1 false, 2 true. */
  private known = new Uint8Array(64);
  private dictionary: TextDictionary | null = null;
  private generation = -1;

  constructor(test: (text: string) => boolean) {
    this.test = test;
  }

  /** By text id, with room for all of the dictionary: 0 where `ask` has to be called, 1 false, 2 true. */
  of(dictionary: TextDictionary): Uint8Array {
    if (dictionary !== this.dictionary || dictionary.generation !== this.generation) {
      this.dictionary = dictionary;
      this.generation = dictionary.generation;
      this.known = new Uint8Array(64);
    }
    if (dictionary.size > this.known.length) {
      const larger = new Uint8Array(Math.max(this.known.length * 2, dictionary.size));
      larger.set(this.known);
      this.known = larger;
    }
    return this.known;
  }

  /** 1 false, 2 true, of a text of the dictionary that `of` was called with last. */
  ask(id: number): number {
    return (this.known[id] = this.test(this.dictionary?.text(id) ?? '') ? 2 : 1);
  }
}
