import type { TextDictionary } from '@twofold/schemas';

/** A dictionary over strings that were read back, so that archived rows can be appended like decoded ones. */
export class TextInterner implements TextDictionary {
  generation = 0;
  #texts: string[] = [];
  #ids = new Map<string, number>();

  get size(): number {
    return this.#texts.length;
  }

  text(id: number): string {
    return this.#texts[id] ?? '';
  }

  bytes(id: number): Uint8Array {
    return new TextEncoder().encode(this.text(id));
  }

  internText(text: string): number {
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = this.#texts.length;
      this.#texts.push(text);
      this.#ids.set(text, id);
    }
    return id;
  }

  intern(bytes: Uint8Array, start: number, end: number): number {
    return this.internText(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(start, end)));
  }

  reset(): void {
    this.generation++;
    this.#texts = [];
    this.#ids = new Map();
  }
}
