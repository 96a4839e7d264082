import { hex4, unescape } from './json-string.ts';

/** What stands at a declared key. `absent`: the key is not there. `escaped`: a string with a backslash in it. */
export const Token = {
  absent: 0,
  null: 1,
  false: 2,
  true: 3,
  number: 4,
  string: 5,
  escaped: 6,
  list: 7,
  object: 8,
} as const;
export type Token = (typeof Token)[keyof typeof Token];

export interface JsonFault {
  readonly code: 'INVALID_UTF8' | 'INVALID_JSON' | 'TOO_DEEP' | 'NOT_AN_OBJECT' | 'DUPLICATE_KEY' | 'INVALID_TEXT';
  /** Byte of the message, from 0. */
  readonly at: number;
  readonly key: string | null;
  readonly what: string;
}

const words = [
  { token: Token.null, bytes: new TextEncoder().encode('null') },
  { token: Token.false, bytes: new TextEncoder().encode('false') },
  { token: Token.true, bytes: new TextEncoder().encode('true') },
];

/** A place in a message, and the tokens of JSON (RFC 8259) that are no containers. Strict. */
export class JsonCursor {
  protected bytes: Uint8Array = new Uint8Array(0);
  protected start = 0;
  protected end = 0;
  protected at = 0;
  protected depth = 0;
  protected scratch = new Uint8Array(256);
  /** The first fault that leaves the syntax whole; one of syntax comes before it. */
  protected minor: JsonFault | null = null;

  protected fail(code: JsonFault['code'], what: string, key: string | null = null): JsonFault {
    return { code, at: this.at - this.start, key, what };
  }

  protected unexpected(wanted: string): JsonFault {
    return this.fail(
      'INVALID_JSON',
      this.at >= this.end ? `it ends where ${wanted} should be` : `${wanted} should be here`,
    );
  }

  protected blanks(): void {
    for (; this.at < this.end; this.at++) {
      const byte = this.bytes[this.at];
      if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) return;
    }
  }

  protected take(byte: number): boolean {
    if (this.at >= this.end || this.bytes[this.at] !== byte) return false;
    this.at++;
    return true;
  }

  /** What kind of token starts here; a word is told by its first letter and checked later. */
  protected ahead(): Token {
    const byte = this.at < this.end ? this.bytes[this.at] : undefined;
    if (byte === 34) return Token.string;
    if (byte === 123) return Token.object;
    if (byte === 91) return Token.list;
    return words.find((word) => word.bytes[0] === byte)?.token ?? Token.number;
  }

  protected word(token: Token): JsonFault | null {
    const expected = words.find((word) => word.token === token)?.bytes ?? new Uint8Array(0);
    for (const byte of expected) if (!this.take(byte)) return this.unexpected('true, false or null');
    return null;
  }

  protected string(): JsonFault | null {
    const start = this.at + 1;
    for (this.at = start; this.at < this.end; this.at++) {
      const byte = this.bytes[this.at] ?? 0;
      if (byte === 34) {
        this.checkSurrogates(start);
        this.at++;
        return null;
      }
      if (byte < 32) return this.fail('INVALID_JSON', 'a string holds a bare control character');
      if (byte !== 92) continue;
      this.at++;
      const letter = this.bytes[this.at] ?? 0;
      if (this.at >= this.end || !'"\\/bfnrtu'.includes(String.fromCharCode(letter)))
        return this.unexpected('an escape');
      if (letter === 117) {
        if (this.at + 5 > this.end || hex4(this.bytes, this.at + 1) === -1)
          return this.unexpected('\\u and four hex digits');
        this.at += 4;
      }
    }
    return this.unexpected('the end of a string');
  }

  protected checkSurrogates(start: number): void {
    if (this.minor !== null || !this.bytes.subarray(start, this.at).includes(92)) return;
    if (this.scratch.length < this.at - start) this.scratch = new Uint8Array(this.at - start);
    if (unescape(this.bytes, start, this.at, this.scratch, 0) !== -1) return;
    this.minor = this.fail('INVALID_TEXT', 'a \\u escape leaves half a surrogate pair');
  }

  protected number(): JsonFault | null {
    this.take(45);
    if (!this.take(48) && !this.digits()) return this.unexpected('a value');
    if (this.take(46) && !this.digits()) return this.unexpected('a digit');
    if (this.take(101) || this.take(69)) {
      if (!this.take(43)) this.take(45);
      if (!this.digits()) return this.unexpected('a digit');
    }
    return null;
  }

  /** Takes digits; false when there is none. */
  protected digits(): boolean {
    const start = this.at;
    for (; this.at < this.end; this.at++) {
      const byte = this.bytes[this.at] ?? 0;
      if (byte < 48 || byte > 57) break;
    }
    return this.at > start;
  }
}
