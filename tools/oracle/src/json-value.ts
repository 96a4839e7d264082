import type { RejectionCode } from '@twofold/schemas';

/** What a message holds. Numbers are kept as they are written, members of inner objects as often as they are. */
export type JsonValue =
  | { readonly kind: 'null' | 'true' | 'false' }
  | { readonly kind: 'object'; readonly entries: readonly (readonly [key: string, value: JsonValue])[] }
  | { readonly kind: 'list'; readonly items: readonly JsonValue[] }
  | { readonly kind: 'number'; readonly raw: string }
  | { readonly kind: 'string'; readonly text: string };

export type JsonMessage =
  { readonly members: ReadonlyMap<string, JsonValue> } | { readonly fault: RejectionCode; readonly key: string | null };

const maxDepth = 64;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads one message: UTF-8, RFC 8259, at most 64 containers in one another, an object without a declared key twice. */
export function parseMessage(bytes: Uint8Array, declared: ReadonlySet<string>): JsonMessage {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { fault: 'INVALID_UTF8', key: null };
  }
  const parser = new Parser(text, declared);
  try {
    parser.document();
  } catch (error) {
    if (error instanceof Refusal) return { fault: error.code, key: null };
    throw error;
  }
  return parser.minor ?? { members: parser.members };
}

class Refusal extends SyntaxError {
  readonly code: RejectionCode;
  constructor(code: RejectionCode) {
    super(code);
    this.code = code;
  }
}

/** The grammar, one method a rule. Faults of syntax stop it; the first other one waits in `minor`. */
class Parser {
  readonly members = new Map<string, JsonValue>();
  minor: { fault: RejectionCode; key: string | null } | null = null;
  private readonly text: string;
  private readonly declared: ReadonlySet<string>;
  private at = 0;

  constructor(text: string, declared: ReadonlySet<string>) {
    this.text = text;
    this.declared = declared;
  }

  document(): void {
    this.take(/[ \n\r\t]*/y);
    if (this.text[this.at] !== '{') this.minor = { fault: 'NOT_AN_OBJECT', key: null };
    this.value(0);
    this.take(/[ \n\r\t]*/y);
    if (this.at < this.text.length) throw new Refusal('INVALID_JSON');
  }

  private value(depth: number): JsonValue {
    const next = this.text[this.at];
    if (next === '"') return { kind: 'string', text: this.string() };
    if (next === '{' || next === '[') {
      if (depth === maxDepth) throw new Refusal('TOO_DEEP');
      this.at++;
      if (next === '{') return { kind: 'object', entries: this.container(/[ \n\r\t]*\}/y, () => this.member(depth)) };
      return { kind: 'list', items: this.container(/[ \n\r\t]*\]/y, () => this.value(depth + 1)) };
    }
    for (const kind of ['null', 'true', 'false'] as const) {
      if (!this.text.startsWith(kind, this.at)) continue;
      this.at += kind.length;
      return { kind };
    }
    const raw = this.take(/-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y);
    if (raw === null) throw new Refusal('INVALID_JSON');
    return { kind: 'number', raw };
  }

  /** What stands before the close, one after another. */
  private container<T>(close: RegExp, next: () => T): T[] {
    const items: T[] = [];
    if (this.take(close) !== null) return items;
    do {
      this.take(/[ \n\r\t]*/y);
      items.push(next());
      if (this.take(close) !== null) return items;
    } while (this.take(/[ \n\r\t]*,/y) !== null);
    throw new Refusal('INVALID_JSON');
  }

  private member(depth: number): readonly [key: string, value: JsonValue] {
    if (this.text[this.at] !== '"') throw new Refusal('INVALID_JSON');
    const key = this.string();
    if (this.take(/[ \n\r\t]*:[ \n\r\t]*/y) === null) throw new Refusal('INVALID_JSON');
    const kept = depth === 0 && this.declared.has(key);
    if (kept && this.members.has(key)) this.minor ??= { fault: 'DUPLICATE_KEY', key };
    const value = this.value(depth + 1);
    if (kept) this.members.set(key, value);
    return [key, value];
  }

  private string(): string {
    // The grammar of a string is settled here; JSON.parse only turns its escapes into characters.
    const raw = this.take(/"(?:[ !#-[\]-\u{10ffff}]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"/uy);
    if (raw === null) throw new Refusal('INVALID_JSON');
    const text: unknown = JSON.parse(raw);
    if (typeof text !== 'string') throw new Refusal('INVALID_JSON');
    if (!text.isWellFormed()) this.minor ??= { fault: 'INVALID_TEXT', key: null };
    return text;
  }

  private take(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? null;
    if (found !== null) this.at += found.length;
    return found;
  }
}
