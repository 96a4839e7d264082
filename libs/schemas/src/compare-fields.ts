import type { ChangeEffect } from './declaration-changes.ts';
import type { Field, FieldType } from './stream.ts';

/** Effect, why, and whether an accepted event may be rejected (where that does not follow from the effect). */
export type Verdict = readonly [effect: ChangeEffect, why: string, refuses?: boolean];

const narrower: Verdict = ['breaking', 'events that were accepted are rejected'];
const wider: Verdict = ['backfill', 'events that were rejected are accepted now'];

/** A bound in column units, each side in its own: compared in the measure that both share, exactly. */
export function compareBounds(before: Field, after: Field, which: 'min' | 'max'): Verdict {
  const [a, b] = [before[which], after[which]];
  if (a === null || b === null) return b === null ? wider : narrower;
  const order = compareExact(a, unitOf(before.type), b, unitOf(after.type));
  if (order === null) return ['breaking', 'the bounds can not be compared'];
  if (order === 0) return ['additive', 'it is the same bound in other units'];
  return which === 'min' ? (order < 0 ? narrower : wider) : order > 0 ? narrower : wider;
}

/** A unit as 2^two * 10^ten; null where two of them have nothing in common. */
type Unit = { readonly two: number; readonly ten: number } | null;

function unitOf(type: FieldType): Unit {
  switch (type.kind) {
    case 'int':
      return { two: 0, ten: 0 };
    case 'decimal':
      return { two: 0, ten: -type.scale };
    case 'float':
      return { two: Math.round(Math.log2(type.quantum)), ten: 0 };
    case 'instant':
      return { two: 0, ten: { s: 0, ms: -3, us: -6 }[type.unit] };
    default:
      return null;
  }
}

/** -1, 0 or 1 as `a` units of one kind are below, equal to or above `b` units of the other. */
function compareExact(a: number, of: Unit, b: number, other: Unit): number | null {
  if (of === null || other === null) return of === other ? Math.sign(a - b) : null;
  const two = Math.min(of.two, other.two);
  const ten = Math.min(of.ten, other.ten);
  const lifted = (value: number, unit: NonNullable<Unit>): bigint =>
    BigInt(value) * 2n ** BigInt(unit.two - two) * 10n ** BigInt(unit.ten - ten);
  const [x, y] = [lifted(a, of), lifted(b, other)];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** What a change of a field's type does; `path` names the member that differs. */
export function compareTypes(before: FieldType, after: FieldType, path: string): Verdict {
  if (before.kind === 'text' && after.kind === 'text') return compareTexts(before, after, path);
  if (before.kind === 'enumeration' && after.kind === 'enumeration') {
    if (before.values.every((value) => after.values.includes(value)))
      return after.values.length > before.values.length ? wider : ['backfill', 'the values stand in another order'];
    return narrower;
  }
  if (before.kind === 'bytes' && after.kind === 'bytes') return after.maxLength < before.maxLength ? narrower : wider;
  if (before.kind === 'list' && after.kind === 'list') return compareLists(before, after, path);
  if (before.kind === 'float' && after.kind === 'float')
    return after.quantum > before.quantum
      ? ['breaking', 'values lose digits', false]
      : ['backfill', 'values are kept with more digits'];
  const [scale, next] = [scaleOf(before), scaleOf(after)];
  if (scale !== null && next !== null) return compareScales(scale, next);
  if (after.kind === 'text' && after.matches === null && longest(before) <= after.maxLength)
    return ['backfill', 'any text is accepted now'];
  if (before.kind === 'instant' && after.kind === 'instant')
    return ['breaking', 'whole numbers in messages mean other instants', false];
  return ['breaking', 'values of the one kind are none of the other'];
}

function compareTexts(
  before: FieldType & { readonly kind: 'text' },
  after: FieldType & { readonly kind: 'text' },
  path: string,
): Verdict {
  if (path.endsWith('.maxLength')) return after.maxLength < before.maxLength ? narrower : wider;
  if (path.endsWith('.matches')) return after.matches === null ? wider : narrower;
  if (path.includes('.normal')) return ['breaking', 'texts are kept otherwise, and are other keys and ids'];
  return ['breaking', 'what it does to old events is not known'];
}

function compareLists(
  before: FieldType & { readonly kind: 'list' },
  after: FieldType & { readonly kind: 'list' },
  path: string,
): Verdict {
  if (path.endsWith('.maxItems')) return after.maxItems < before.maxItems ? narrower : wider;
  if (path.endsWith('.unique')) return after.unique ? narrower : wider;
  return ['breaking', 'items of the one kind are none of the other'];
}

interface Scale {
  readonly digits: number;
  readonly round: boolean;
}

function scaleOf(type: FieldType): Scale | null {
  if (type.kind === 'int') return { digits: 0, round: false };
  return type.kind === 'decimal' ? { digits: type.scale, round: type.round } : null;
}

function compareScales(before: Scale, after: Scale): Verdict {
  if (after.digits < before.digits) return after.round ? ['breaking', 'values lose digits', false] : narrower;
  if (before.round && !after.round) return narrower;
  return ['backfill', 'values with more digits are accepted now'];
}

/** The longest text that a type holds, in code points. */
function longest(type: FieldType): number {
  if (type.kind === 'uuid') return 36;
  if (type.kind === 'enumeration') return Math.max(...type.values.map((value) => [...value].length));
  return Infinity;
}
