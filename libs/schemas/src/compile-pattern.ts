import { parsePattern, type PatternNode } from './pattern-syntax.ts';

/** Decides whether a whole text matches. */
export type PatternTest = (text: string) => boolean;

type State =
  | { readonly kind: 'end' }
  | { readonly kind: 'fork'; readonly to: number[] }
  | { readonly kind: 'class'; readonly node: PatternNode & { readonly op: 'class' }; readonly next: number };

const maxStates = 2_000;

/**
 * Compiles a pattern, or says in one sentence what is wrong with it. The language is closed, so that it means the same
 * everywhere: characters, `\` before a special one, classes that list characters and ranges `[a-z_]`, `[^0-9]`,
 * groups `( )`, `|`, and `* + ? {n} {n,} {n,m}`. The whole text has to match, by code point. It runs as a set of
 * states, in time proportional to text times pattern: no text, however hostile, can make it run away.
 */
export function compilePattern(pattern: string): PatternTest | string {
  const node = parsePattern(pattern);
  if (typeof node === 'string') return node;
  const states: State[] = [{ kind: 'end' }];
  const start = build(node, 0, states);
  if (start === -1) return `it is too large: repeated parts make more than ${maxStates} states`;
  return (text) => matches(states, start, text);
}

/** Adds the states of a node that goes on to state `next`; gives its first state, or -1 when there are too many. */
function build(node: PatternNode, next: number, states: State[]): number {
  if (next === -1 || states.length > maxStates) return -1;
  switch (node.op) {
    case 'class':
      return states.push({ kind: 'class', node, next }) - 1;
    case 'sequence':
      return node.parts.reduceRight((after, part) => build(part, after, states), next);
    case 'either': {
      const to = node.parts.map((part) => build(part, next, states));
      return to.includes(-1) ? -1 : states.push({ kind: 'fork', to }) - 1;
    }
    case 'repeat': {
      let entry = node.max === null ? loop(node.of, next, states) : next;
      for (let i = node.min; i < (node.max ?? 0); i++) {
        const once = build(node.of, entry, states);
        entry = once === -1 ? -1 : states.push({ kind: 'fork', to: [once, next] }) - 1;
      }
      for (let i = 0; i < node.min; i++) entry = build(node.of, entry, states);
      return entry;
    }
  }
}

function loop(of: PatternNode, next: number, states: State[]): number {
  const to = [next];
  const fork = states.push({ kind: 'fork', to }) - 1;
  const body = build(of, fork, states);
  to.push(body);
  return body === -1 ? -1 : fork;
}

function matches(states: readonly State[], start: number, text: string): boolean {
  let current = new Set<number>();
  enter(states, start, current);
  for (const point of text) {
    const code = point.codePointAt(0) ?? 0;
    const following = new Set<number>();
    for (const at of current) {
      const state = states[at];
      if (state?.kind === 'class' && inClass(state.node, code)) enter(states, state.next, following);
    }
    if (following.size === 0) return false;
    current = following;
  }
  return current.has(0);
}

/** Adds a state and all that can be reached from it without reading. */
function enter(states: readonly State[], start: number, into: Set<number>): void {
  const open = [start];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (into.has(at)) continue;
    into.add(at);
    const state = states[at];
    if (state?.kind === 'fork') open.push(...state.to);
  }
}

function inClass(node: PatternNode & { readonly op: 'class' }, code: number): boolean {
  return node.ranges.some(([from, to]) => code >= from && code <= to) !== node.negated;
}
