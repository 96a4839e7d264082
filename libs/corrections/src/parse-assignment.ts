import type { Assignment, ValueExpression } from './assignment.ts';
import { CorrectionError } from './errors.ts';

/** A quoted text (a quote within is doubled), a number, a name, or a sign. */
const token = /\s*(?:('(?:[^']|'')*')|(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([A-Za-z_][A-Za-z0-9_]*)|([=+\-*/()]))/y;

interface Token {
  readonly kind: 'text' | 'number' | 'name' | 'sign' | 'end';
  readonly text: string;
  readonly at: number;
}

const functions = ['abs', 'round', 'lower', 'upper', 'trim'] as const;
/** How deep brackets may stand in one another. */
const deepest = 50;

/**
 * An assignment as people write it: `temperature = (temperature - 32) * 5 / 9`, `site = 'north'`, `at = at + '1h'`,
 * `note = null`. Fields, numbers, texts in quotes, true, false and null, `+ - * /`, brackets, and the functions abs,
 * round, lower, upper, trim. Throws CONDITION_INVALID with the place.
 */
export function parseAssignment(text: string): Assignment {
  return new Parser(text).assignment();
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  assignment(): Assignment {
    const field = this.#take();
    if (field.kind !== 'name') throw wrong(this.#text, field.at, 'should be the name of a field');
    this.#expect('=');
    const value = this.#sum(0);
    const rest = this.#take();
    if (rest.kind !== 'end') throw wrong(this.#text, rest.at, 'is more than an assignment');
    return { field: field.text, value };
  }

  #sum(depth: number): ValueExpression {
    let left = this.#product(depth);
    for (let op = this.#sign('+', '-'); op !== null; op = this.#sign('+', '-'))
      left = { op, left, right: this.#product(depth) };
    return left;
  }

  #product(depth: number): ValueExpression {
    let left = this.#one(depth);
    for (let op = this.#sign('*', '/'); op !== null; op = this.#sign('*', '/'))
      left = { op, left, right: this.#one(depth) };
    return left;
  }

  #one(depth: number): ValueExpression {
    const found = this.#take();
    if (depth > deepest) throw wrong(this.#text, found.at, `stands in more than ${deepest} brackets`);
    if (found.kind === 'number') return { op: 'literal', value: Number(found.text) };
    if (found.kind === 'text') return { op: 'literal', value: found.text };
    if (found.text === '-' && found.kind === 'sign') return { op: 'negate', of: this.#one(depth + 1) };
    if (found.text === '(' && found.kind === 'sign') return this.#bracket(depth);
    if (found.kind === 'name') return this.#named(found, depth);
    throw wrong(this.#text, found.at, 'should be a value');
  }

  #named({ text }: Token, depth: number): ValueExpression {
    if (text === 'true' || text === 'false') return { op: 'literal', value: text === 'true' };
    if (text === 'null') return { op: 'literal', value: null };
    const called = functions.find((name) => name === text);
    if (called === undefined || this.#sign('(') === null) return { op: 'field', field: text };
    return { op: called, of: this.#bracket(depth) };
  }

  #bracket(depth: number): ValueExpression {
    const inner = this.#sum(depth + 1);
    this.#expect(')');
    return inner;
  }

  #take(): Token {
    const found = this.#tokens[this.#next] ?? { kind: 'end', text: '', at: this.#text.length };
    this.#next++;
    return found;
  }

  #sign<S extends string>(...wanted: readonly S[]): S | null {
    const { kind, text } = this.#tokens[this.#next] ?? { kind: 'end', text: '' };
    const found = kind === 'sign' ? wanted.find((sign) => sign === text) : undefined;
    if (found !== undefined) this.#next++;
    return found ?? null;
  }

  #expect(sign: string): void {
    if (this.#sign(sign) === null) throw wrong(this.#text, this.#take().at, `should be '${sign}'`);
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  for (let at = 0; at < end;) {
    token.lastIndex = at;
    const found = token.exec(text);
    if (found === null) throw wrong(text, at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0), 'can not be read');
    const [whole, quoted, number, name, sign = ''] = found;
    const place = at + whole.length - whole.trimStart().length;
    at += whole.length;
    if (quoted !== undefined) tokens.push({ kind: 'text', text: quoted.slice(1, -1).replaceAll("''", "'"), at: place });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, at: place });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name, at: place });
    else tokens.push({ kind: 'sign', text: sign, at: place });
  }
  return [...tokens, { kind: 'end', text: '', at: end }];
}

function wrong(text: string, at: number, what: string): CorrectionError {
  const shown = at >= text.trimEnd().length ? 'the end' : `'${text.slice(at, at + 20)}'`;
  return new CorrectionError(
    'CONDITION_INVALID',
    `What is set, ${JSON.stringify(text)}: at character ${at + 1}, ${shown} ${what}. Nothing was changed.`,
    { facts: { at } },
  );
}
