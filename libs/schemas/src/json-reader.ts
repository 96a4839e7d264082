import { JsonCursor, Token, type JsonFault } from './json-cursor.ts';
import { unescape } from './json-string.ts';
import { firstInvalidUtf8 } from './utf8.ts';

/** Containers within containers, the message itself included. */
export const maxDepth = 64;

/**
 * A strict reader of one JSON object (RFC 8259) that finds the values of declared keys and checks all the rest.
 * It makes no object of what it reads, so no key, `__proto__` included, means anything to it.
 */
export class JsonReader extends JsonCursor {
  /** By declared key: what stands there, and where (a string without its quotes). */
  readonly tokens: Token[];
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  private readonly keys: readonly string[];
  private readonly keyBytes: readonly Uint8Array[];
  constructor(keys: readonly string[]) {
    super();
    this.keys = keys;
    this.keyBytes = keys.map((key) => new TextEncoder().encode(key));
    this.tokens = keys.map(() => Token.absent);
    this.starts = new Int32Array(keys.length);
    this.ends = new Int32Array(keys.length);
  }

  /** Reads the message `[start, end)`. Null: it is sound, and `tokens`, `starts`, `ends` say what it holds. */
  read(bytes: Uint8Array, start: number, end: number): JsonFault | null {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.at = start;
    this.depth = 0;
    this.minor = null;
    this.tokens.fill(Token.absent);
    const broken = firstInvalidUtf8(bytes, start, end);
    if (broken !== -1) return { code: 'INVALID_UTF8', at: broken - start, key: null, what: 'the bytes are no UTF-8' };
    this.blanks();
    const fault = this.value(true);
    if (fault !== null) return fault;
    this.blanks();
    if (this.at < end) return this.fail('INVALID_JSON', 'something follows the message');
    return this.minor;
  }

  /** Where the value ends that starts at `at` within so many containers, or -1 when anything about it is not sound. */
  skip(bytes: Uint8Array, at: number, end: number, depth = 1): number {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
    this.depth = depth;
    this.minor = null;
    if (this.value(false) !== null || this.minor !== null) return -1;
    return firstInvalidUtf8(bytes, at, this.at) === -1 ? this.at : -1;
  }

  private value(top: boolean): JsonFault | null {
    const token = this.ahead();
    if (top && token !== Token.object) this.minor ??= this.fail('NOT_AN_OBJECT', 'the message is not an object');
    if (token === Token.string) return this.string();
    if (token === Token.number) return this.number();
    if (token !== Token.object && token !== Token.list) return this.word(token);
    if (this.depth === maxDepth) return this.fail('TOO_DEEP', `more than ${maxDepth} containers stand in one another`);
    this.depth++;
    this.at++;
    const fault = token === Token.list ? this.list() : this.object(top);
    this.depth--;
    return fault;
  }

  private object(top: boolean): JsonFault | null {
    this.blanks();
    if (this.take(125)) return null;
    for (;;) {
      const keyStart = this.at + 1;
      if (this.ahead() !== Token.string) return this.unexpected('a key');
      const keyFault = this.string();
      if (keyFault !== null) return keyFault;
      const keyEnd = this.at - 1;
      this.blanks();
      if (!this.take(58)) return this.unexpected("':'");
      this.blanks();
      const fault = top ? this.member(keyStart, keyEnd) : this.value(false);
      if (fault !== null) return fault;
      this.blanks();
      if (this.take(125)) return null;
      if (!this.take(44)) return this.unexpected("',' or '}'");
      this.blanks();
    }
  }

  private list(): JsonFault | null {
    this.blanks();
    if (this.take(93)) return null;
    for (;;) {
      const fault = this.value(false);
      if (fault !== null) return fault;
      this.blanks();
      if (this.take(93)) return null;
      if (!this.take(44)) return this.unexpected("',' or ']'");
      this.blanks();
    }
  }

  /** The value of a key of the message itself; noted when the key is declared. */
  private member(keyStart: number, keyEnd: number): JsonFault | null {
    const field = this.keyOf(keyStart, keyEnd);
    if (field === -1) return this.value(false);
    if (this.tokens[field] !== Token.absent) {
      this.minor ??= this.fail('DUPLICATE_KEY', 'a declared key stands there twice', this.keys[field]);
    }
    const token = this.ahead();
    const start = this.at;
    const fault = this.value(false);
    if (fault !== null) return fault;
    const quoted = token === Token.string ? 1 : 0;
    this.tokens[field] = quoted === 1 && this.bytes.subarray(start, this.at).includes(92) ? Token.escaped : token;
    this.starts[field] = start + quoted;
    this.ends[field] = this.at - quoted;
    return null;
  }

  /** Number of the declared key that stands in `[start, end)`, by what it says and not how it is escaped, or -1. */
  private keyOf(start: number, end: number): number {
    if (!this.bytes.subarray(start, end).includes(92)) return this.declared(this.bytes, start, end);
    if (this.scratch.length < end - start) this.scratch = new Uint8Array(end - start);
    return this.declared(this.scratch, 0, unescape(this.bytes, start, end, this.scratch, 0));
  }

  private declared(bytes: Uint8Array, start: number, end: number): number {
    return this.keyBytes.findIndex((key) => {
      if (key.length !== end - start) return false;
      for (let i = 0; i < key.length; i++) if (key[i] !== bytes[start + i]) return false;
      return true;
    });
  }
}
