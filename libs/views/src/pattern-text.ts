import { parsePattern, type PatternNode } from '@twofold/schemas';

/** What engines take as the number of repetitions. */
const mostRepeats = 1_000;

/** What keeps a pattern that `compilePattern` takes from being compiled for engines, in one sentence; null: nothing. */
export function patternFault(pattern: string): string | null {
  const node = parsePattern(pattern);
  if (typeof node === 'string') return node;
  return repeatsOf(node) > mostRepeats ? `a part is repeated more than ${mostRepeats} times` : null;
}

/**
 * A pattern in the language that regular expressions have in common, with every character spelt by its code point, so
 * that nothing in it means more than itself. Whoever uses it has to match whole texts.
 */
export function patternText(pattern: string): string {
  const node = parsePattern(pattern);
  return typeof node === 'string' ? '' : printed(node);
}

function printed(node: PatternNode): string {
  switch (node.op) {
    case 'class': {
      const ranges = node.ranges.map(([from, to]) => (from === to ? point(from) : `${point(from)}-${point(to)}`));
      return `[${node.negated ? '^' : ''}${ranges.join('')}]`;
    }
    case 'sequence':
      return node.parts.map(printed).join('');
    case 'either':
      return `(?:${node.parts.map(printed).join('|')})`;
    case 'repeat':
      return `(?:${printed(node.of)}){${node.min},${node.max ?? ''}}`;
  }
}

function point(code: number): string {
  return `\\x{${code.toString(16)}}`;
}

/** The most repetitions in a pattern, those of nested ones multiplied: engines write them out. */
function repeatsOf(node: PatternNode): number {
  switch (node.op) {
    case 'class':
      return 1;
    case 'repeat':
      return Math.max(1, node.max ?? node.min) * repeatsOf(node.of);
    default:
      return node.parts.reduce((most, part) => Math.max(most, repeatsOf(part)), 1);
  }
}
