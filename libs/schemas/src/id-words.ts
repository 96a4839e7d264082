import { ArenaDictionary } from './arena-dictionary.ts';
import type { Columns, NumberColumn, TextColumn, TextDictionary } from './columns.ts';
import { isText } from './decoded-columns.ts';
import type { Stream } from './stream.ts';

/** An id of one text and one number: which field is the number, and where the two stand among the words. */
export interface KeyAndNumber {
  readonly numberField: number;
  readonly textWord: number;
  readonly numberWord: number;
}

/** Where one field of the id stands among the words of an id: a number takes two, a text one. */
interface Part {
  readonly field: number;
  readonly word: number;
  readonly text: TextIds | null;
}

/** From a decoder's text ids to our own, which outlive a reset of its dictionary. */
interface TextIds {
  dictionary: TextDictionary | null;
  generation: number;
  /** By the decoder's id: ours plus 1, 0 where we have not looked yet. */
  own: Int32Array;
}

/**
 * The ids of events as words that can be compared: equal words, equal ids. Texts are kept here by their bytes, so that
 * neither a reset of the decoder's dictionary nor another decoder changes what an id is.
 */
export class IdWords {
  /** Words an id has. */
  readonly width: number;
  /** Words of the rows filled last: row r's are `words[r * width, (r + 1) * width)`. */
  words = new Int32Array(0);
  /** By row filled last, of an id with one text: that text's own id. */
  keys = new Int32Array(0);
  private readonly parts: readonly Part[];
  private texts = new ArenaDictionary();
  private textsAfterPrune = 0;

  constructor(stream: Stream) {
    let width = 0;
    this.parts = stream.id.map((name) => {
      const field = stream.fields.findIndex((candidate) => candidate.name === name);
      const text = isText(stream.fields[field]?.type.kind ?? '');
      const part = {
        field,
        word: width,
        text: text ? { dictionary: null, generation: 0, own: new Int32Array(0) } : null,
      };
      width += text ? 1 : 2;
      return part;
    });
    this.width = width;
  }

  /** Not null if the ids are one text and one number, in any order. */
  get keyAndNumber(): KeyAndNumber | null {
    const texts = this.parts.filter((part) => part.text !== null);
    const numbers = this.parts.filter((part) => part.text === null);
    const [text] = texts;
    const [number] = numbers;
    if (texts.length !== 1 || numbers.length !== 1 || text === undefined || number === undefined) return null;
    return { numberField: number.field, textWord: text.word, numberWord: number.word };
  }

  /** Texts held. */
  get textCount(): number {
    return this.texts.size;
  }

  /** Fills `words` for all rows; those of rejected rows mean nothing. */
  fill(columns: Columns): void {
    if (this.words.length < columns.count * this.width) this.words = new Int32Array(columns.count * this.width);
    for (const part of this.parts) {
      const column = columns.fields[part.field];
      if (column?.kind === 'number') this.fillNumbers(column, columns.count, part.word);
      else if (column?.kind === 'text' && part.text !== null) {
        this.fillTexts(column, columns, this.words, part.word, this.width, part.text);
      }
    }
  }

  /** Fills `keys` alone. */
  fillKeys(columns: Columns): void {
    if (this.keys.length < columns.count) this.keys = new Int32Array(columns.count);
    for (const part of this.parts) {
      const column = columns.fields[part.field];
      if (column?.kind === 'text' && part.text !== null) this.fillTexts(column, columns, this.keys, 0, 1, part.text);
    }
  }

  /** Writes a number into the words of an id. */
  putNumber(words: Int32Array, at: number, value: number): void {
    const low = value >>> 0;
    words[at] = low;
    words[at + 1] = (value - low) / 2 ** 32;
  }

  /** Is it time to let go of texts that no id refers to? Then `prune` with the ids still in use. */
  get pruneDue(): boolean {
    return this.texts.size > 2 * this.textsAfterPrune + 1024;
  }

  /** Keeps only the texts of the ids that `forEachId` visits; `rename` turns the words of an id into its new ones, in place. */
  prune(renameAll: (rename: (words: Int32Array, at: number) => void) => void): void {
    const old = this.texts;
    const kept = new ArenaDictionary();
    renameAll((words, at) => {
      for (const part of this.parts) {
        if (part.text === null) continue;
        const bytes = old.bytes(words[at + part.word] ?? -1);
        words[at + part.word] = kept.intern(bytes, 0, bytes.length);
      }
    });
    this.texts = kept;
    this.textsAfterPrune = kept.size;
    for (const part of this.parts) part.text?.own.fill(0);
  }

  private fillNumbers(column: NumberColumn, count: number, word: number): void {
    const { words, width } = this;
    const { values } = column;
    for (let row = 0, at = word; row < count; row++, at += width) this.putNumber(words, at, values[row] ?? 0);
  }

  /** Writes the own ids of the column's texts to `words[first + row * stride]`. */
  private fillTexts(
    column: TextColumn,
    columns: Columns,
    words: Int32Array,
    first: number,
    stride: number,
    known: TextIds,
  ): void {
    const { dictionary, ids } = column;
    if (known.dictionary !== dictionary || known.generation !== dictionary.generation) {
      known.dictionary = dictionary;
      known.generation = dictionary.generation;
      known.own = new Int32Array(0);
    }
    if (known.own.length < dictionary.size) {
      const larger = new Int32Array(Math.max(dictionary.size, known.own.length * 2));
      larger.set(known.own);
      known.own = larger;
    }
    const { own } = known;
    for (let row = 0, at = first; row < columns.count; row++, at += stride) {
      if (columns.classes[row] !== 0) continue;
      const id = ids[row] ?? -1;
      let mine = (own[id] ?? 0) - 1;
      if (mine === -1) {
        const bytes = dictionary.bytes(id);
        mine = this.texts.intern(bytes, 0, bytes.length);
        own[id] = mine + 1;
      }
      words[at] = mine;
    }
  }
}
