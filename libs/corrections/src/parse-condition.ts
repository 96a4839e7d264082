import { CorrectionError } from './errors.ts';
import type { Comparison, Condition, ConditionValue, TextTest } from './condition.ts';

const operators: Readonly<Record<string, Comparison>> = {
  '=': 'equals',
  '!=': 'notEquals',
  '<>': 'notEquals',
  '<': 'lessThan',
  '<=': 'atMost',
  '>': 'greaterThan',
  '>=': 'atLeast',
};

const tests: Readonly<Record<string, TextTest>> = {
  startswith: 'startsWith',
  endswith: 'endsWith',
  contains: 'contains',
};

/** A quoted text (a quote within is doubled), a number, a name, an operator or a bracket. */
const token =
  /\s*(?:('(?:[^']|'')*')|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|([A-Za-z_][A-Za-z0-9_]*)|(<=|>=|!=|<>|[=<>(),]))/y;

interface Token {
  readonly kind: 'text' | 'number' | 'name' | 'sign' | 'end';
  readonly text: string;
  readonly at: number;
}

/** How deep brackets may stand in one another. */
const deepest = 50;

/**
 * A condition as people write it: `sensorId = 'a7' and (temperature > 120.5 or pressure is null)`. Comparisons
 * `= != < <= > >=`, `in (…)`, `is null`, `is not null`, `startsWith`, `endsWith`, `contains`, joined by `and`, `or`,
 * `not`. Instants are texts: `at >= '2026-03-01T12:00:00Z'`. Throws CONDITION_INVALID with the place.
 */
export function parseCondition(text: string): Condition {
  const parser = new Parser(text, tokensOf(text));
  const condition = parser.any(0);
  parser.end();
  return condition;
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  let at = 0;
  while (at < end) {
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

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string, tokens: readonly Token[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  any(depth: number): Condition {
    const parts = [this.#all(depth)];
    while (this.#word('or')) parts.push(this.#all(depth));
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { any: parts };
  }

  end(): void {
    if (this.#peek().kind !== 'end') throw this.#wrong('is more than a condition');
  }

  #all(depth: number): Condition {
    const parts = [this.#one(depth)];
    while (this.#word('and')) parts.push(this.#one(depth));
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { all: parts };
  }

  #one(depth: number): Condition {
    if (depth > deepest) throw this.#wrong(`stands in more than ${deepest} brackets`);
    if (this.#word('not')) return { not: this.#one(depth + 1) };
    if (this.#sign('(')) {
      const inner = this.any(depth + 1);
      this.#expect(')');
      return inner;
    }
    const field = this.#peek();
    if (field.kind !== 'name') throw this.#wrong('should be the name of a field');
    this.#next++;
    return this.#test(field.text);
  }

  #test(field: string): Condition {
    const operator = this.#peek();
    this.#next++;
    const word = operator.kind === 'name' ? operator.text.toLowerCase() : '';
    const is = operator.kind === 'sign' ? operators[operator.text] : undefined;
    if (is !== undefined) return { field, is, value: this.#value() };
    const test = Object.hasOwn(tests, word) ? tests[word] : undefined;
    if (test !== undefined) {
      const value = this.#value();
      if (typeof value === 'string') return { field, is: test, value };
      throw this.#wrong(`: ${test} is followed by a text in quotes`, -1);
    }
    if (word === 'in') return { field, is: 'oneOf', values: this.#values() };
    if (word === 'is') {
      const not = this.#word('not');
      if (this.#word('null')) return not ? { field, is: 'notNull' } : { field, is: 'null' };
      throw this.#wrong('should be null');
    }
    throw this.#wrong('should be one of = != < <= > >= in is startsWith endsWith contains', -1);
  }

  #values(): ConditionValue[] {
    this.#expect('(');
    const values = [this.#value()];
    while (this.#sign(',')) values.push(this.#value());
    this.#expect(')');
    return values;
  }

  #value(): ConditionValue {
    const { kind, text } = this.#peek();
    this.#next++;
    if (kind === 'text') return text;
    if (kind === 'number') return Number(text);
    if (kind === 'name' && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
    throw this.#wrong("should be a value: a number, true, false or a 'text' in quotes", -1);
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '', at: this.#text.length };
  }

  #word(word: string): boolean {
    const { kind, text } = this.#peek();
    if (kind !== 'name' || text.toLowerCase() !== word) return false;
    this.#next++;
    return true;
  }

  #sign(sign: string): boolean {
    const { kind, text } = this.#peek();
    if (kind !== 'sign' || text !== sign) return false;
    this.#next++;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#sign(sign)) throw this.#wrong(`should be ${sign}`);
  }

  #wrong(what: string, back = 0): CorrectionError {
    this.#next += back;
    return wrong(this.#text, this.#peek().at, what);
  }
}

function wrong(text: string, at: number, what: string): CorrectionError {
  const shown = at >= text.trimEnd().length ? 'the end' : `'${text.slice(at, at + 20)}'`;
  return new CorrectionError(
    'CONDITION_INVALID',
    `The condition ${JSON.stringify(text)}: at character ${at + 1}, ${shown} ${what}.`,
    {
      facts: { at },
    },
  );
}
