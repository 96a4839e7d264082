/** A pattern as a tree. `class` matches one code point in (or, negated, outside of) its inclusive ranges. */
export type PatternNode =
  | { readonly op: 'class'; readonly negated: boolean; readonly ranges: readonly (readonly [number, number])[] }
  | { readonly op: 'sequence' | 'either'; readonly parts: readonly PatternNode[] }
  | { readonly op: 'repeat'; readonly of: PatternNode; readonly min: number; readonly max: number | null };

const special = new Set('()[]{}|*+?\\^$.'.split(''));
const classSpecial = new Set('[]\\^-'.split(''));

/** Reads a pattern of the subset that `compilePattern` describes, or says in one sentence what is wrong. */
export function parsePattern(pattern: string): PatternNode | string {
  const reader = new PatternReader(pattern);
  const node = reader.either();
  if (reader.fault === null && !reader.done) reader.fail(`'${reader.peek}' has nothing to close`);
  return reader.fault ?? node;
}

/** A recursive-descent reader over code points; the first fault stops it. */
class PatternReader {
  fault: string | null = null;
  private readonly points: readonly string[];
  private at = 0;

  constructor(pattern: string) {
    this.points = [...pattern];
  }

  get done(): boolean {
    return this.fault !== null || this.at >= this.points.length;
  }

  get peek(): string {
    return this.points[this.at] ?? '';
  }

  fail(what: string): PatternNode {
    this.fault ??= `${what}, at character ${this.at + 1}`;
    return { op: 'sequence', parts: [] };
  }

  either(): PatternNode {
    const parts = [this.sequence()];
    while (!this.done && this.peek === '|') {
      this.at++;
      parts.push(this.sequence());
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { op: 'either', parts };
  }

  private sequence(): PatternNode {
    const parts: PatternNode[] = [];
    while (!this.done && this.peek !== '|' && this.peek !== ')') parts.push(this.repeated());
    return { op: 'sequence', parts };
  }

  private repeated(): PatternNode {
    const of = this.single();
    const sign = this.peek;
    if (this.done || !['*', '+', '?', '{'].includes(sign)) return of;
    this.at++;
    const [min, max] = sign === '{' ? this.count() : [sign === '+' ? 1 : 0, sign === '?' ? 1 : null];
    if (['*', '+', '?', '{'].includes(this.peek)) return this.fail(`'${this.peek}' repeats a repetition; use ( )`);
    return { op: 'repeat', of, min, max };
  }

  private count(): [number, number | null] {
    const rest = this.points.slice(this.at).join('');
    const [whole, min, comma, max] = /^(\d{1,4})(?:(,)(\d{1,4})?)?\}/.exec(rest) ?? [];
    if (whole === undefined) this.fail('{ } needs one or two counts: {3}, {1,8} or {2,}');
    this.at += whole?.length ?? 0;
    const low = Number(min);
    const high = max !== undefined ? Number(max) : comma !== undefined ? null : low;
    if (high !== null && high < low) this.fail(`{${low},${high}} ends before it starts`);
    return [low, high];
  }

  private single(): PatternNode {
    const point = this.peek;
    this.at++;
    if (point === '(') {
      const node = this.either();
      if (this.peek !== ')') return this.fail("a '(' is not closed");
      this.at++;
      return node;
    }
    if (point === '[') return this.listed();
    if (point === '\\') return this.literal(this.escaped(special));
    if (special.has(point)) {
      this.at--;
      return this.fail(
        `'${point}' is not in the language of patterns here; write '\\${point}' for the character itself`,
      );
    }
    return this.literal(point);
  }

  private listed(): PatternNode {
    const negated = this.peek === '^';
    if (negated) this.at++;
    const ranges: [number, number][] = [];
    while (!this.done && this.peek !== ']') {
      const from = this.classMember();
      let to = from;
      if (this.peek === '-') {
        this.at++;
        to = this.classMember();
      }
      if (to < from) return this.fail('a range ends before it starts');
      ranges.push([from, to]);
    }
    if (this.done) return this.fail("a '[' is not closed");
    this.at++;
    return ranges.length > 0 ? { op: 'class', negated, ranges } : this.fail('[ ] lists nothing');
  }

  private classMember(): number {
    const point = this.peek;
    this.at++;
    if (point === '\\') return this.escaped(classSpecial).codePointAt(0) ?? 0;
    if (classSpecial.has(point)) this.fail(`write '\\${point}' for the character itself`);
    return point.codePointAt(0) ?? 0;
  }

  /** The character after a backslash: only one that means something else without it. */
  private escaped(allowed: ReadonlySet<string>): string {
    const point = this.peek;
    if (!allowed.has(point)) this.fail(`'\\${point}' means nothing here; list the characters, as in [0-9]`);
    this.at++;
    return point;
  }

  private literal(point: string): PatternNode {
    const code = point.codePointAt(0) ?? 0;
    return { op: 'class', negated: false, ranges: [[code, code]] };
  }
}
