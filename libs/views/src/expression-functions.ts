import { compilePattern } from '@twofold/schemas';
import { aligned, bounded, numberType } from './expression-alignment.ts';
import { faultsOf, literalBeside, withFault, type ExpressionDraft } from './expression-draft.ts';
import { expressionText } from './expression-text.ts';
import { wholeNumbers } from './expression-units.ts';
import { patternFault } from './pattern-text.ts';

/** No text is longer: a message has at most 2^30 bytes, and few of its texts are put together. */
const longestText = 2n ** 32n;

export function lengthOf(op: 'length' | 'byteLength', of: ExpressionDraft): ExpressionDraft {
  return counted(of, 0n, (type) => ({ op, of: of.expr, type }));
}

export function placeOf(of: ExpressionDraft, text: string): ExpressionDraft {
  const literal = needle('indexOf', of, text);
  const draft = counted(of, -1n, (type) => ({ op: 'indexOf', of: of.expr, text, type }));
  return { ...draft, faults: faultsOf(draft, literal) };
}

function counted(
  of: ExpressionDraft,
  min: bigint,
  build: (type: ExpressionDraft['expr']['type']) => ExpressionDraft['expr'],
): ExpressionDraft {
  return bounded(build, wholeNumbers, { min, max: longestText }, of.expr.type.nullable, {
    unit: null,
    faults: of.faults,
  });
}

export function changed(op: 'lowerAscii' | 'upperAscii' | 'trim', of: ExpressionDraft): ExpressionDraft {
  return texted(of, { op, of: of.expr, type: of.expr.type });
}

export function part(of: ExpressionDraft, start: number, length: number | null): ExpressionDraft {
  const draft = texted(of, { op: 'substring', of: of.expr, start, length, type: of.expr.type });
  const checked = wholePart(draft, 'the start of substring', start, 0);
  return length === null ? checked : wholePart(checked, 'the length of substring', length, 1);
}

export function ending(of: ExpressionDraft, length: number): ExpressionDraft {
  const draft = texted(of, { op: 'last', of: of.expr, length, type: of.expr.type });
  return wholePart(draft, 'the length of last', length, 1);
}

export function replaced(of: ExpressionDraft, text: string, by: string): ExpressionDraft {
  const literals = [needle('replace', of, text), textBeside(by, of)];
  const draft = texted(of, { op: 'replace', of: of.expr, text, by, type: of.expr.type });
  return { ...draft, faults: faultsOf(draft, ...literals) };
}

export function joined(of: ExpressionDraft, others: readonly (ExpressionDraft | string)[]): ExpressionDraft {
  const drafts = [of, ...others.map((other) => (typeof other === 'string' ? textBeside(other, of) : other))];
  const nullable = drafts.some(({ expr }) => expr.type.nullable);
  const expr = { op: 'concat', args: drafts.map((draft) => draft.expr), type: { kind: 'text', nullable } } as const;
  return { expr, unit: null, values: null, faults: faultsOf(...drafts) };
}

export function digitsOf(of: ExpressionDraft): ExpressionDraft {
  const { scale, quantum, nullable } = numberType(of);
  const expr = { op: 'toText', of: of.expr, type: { kind: 'text', nullable } } as const;
  const draft = { expr, unit: null, values: null, faults: of.faults };
  return scale === 0 && quantum === null
    ? draft
    : withFault(
        draft,
        'KIND_INVALID',
        `toText of '${expressionText(of.expr)}', which is no int. Whole numbers have texts.`,
      );
}

export function patternTest(of: ExpressionDraft, pattern: string): ExpressionDraft {
  const type = { kind: 'boolean', nullable: of.expr.type.nullable } as const;
  const draft = {
    expr: { op: 'matches', of: of.expr, pattern, type },
    unit: null,
    values: null,
    faults: of.faults,
  } as const;
  const test = compilePattern(pattern);
  const fault = typeof test === 'string' ? test : patternFault(pattern);
  return fault === null ? draft : withFault(draft, 'LITERAL_INVALID', `The pattern '${pattern}' is wrong: ${fault}.`);
}

/** Different, where null is a value like any other. */
export function distinction(left: ExpressionDraft, right: ExpressionDraft): ExpressionDraft {
  const pair = aligned(left, right);
  const type = { kind: 'boolean', nullable: false } as const;
  const expr = { op: 'distinctFrom', left: pair.left.expr, right: pair.right.expr, type } as const;
  return { expr, unit: null, values: null, faults: pair.faults };
}

/** A text made of a text: what its values were no longer holds. */
function texted(of: ExpressionDraft, expr: ExpressionDraft['expr']): ExpressionDraft {
  return { expr, unit: null, values: null, faults: of.faults };
}

function textBeside(text: string, of: ExpressionDraft): ExpressionDraft {
  return literalBeside(text, { ...of, values: null });
}

/** A text that is looked for. */
function needle(op: string, of: ExpressionDraft, text: string): ExpressionDraft {
  const literal = textBeside(text, of);
  const message = `${op} of '${expressionText(of.expr)}' looks for an empty text, which is everywhere.`;
  return text === '' ? withFault(literal, 'LITERAL_INVALID', message) : literal;
}

function wholePart(draft: ExpressionDraft, what: string, value: number, least: number): ExpressionDraft {
  const most = 2 ** 30;
  if (Number.isInteger(value) && value >= least && value <= most) return draft;
  return withFault(draft, 'LITERAL_INVALID', `${what} is a whole number from ${least} to 2^30, and not ${value}.`);
}
