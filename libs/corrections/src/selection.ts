import type { Stream } from '@twofold/schemas';
import type { Condition, ConditionValue } from './condition.ts';
import { firstAddedSource } from './correction.ts';
import { CorrectionError } from './errors.ts';

/** Which events a correction is about: all of what is given has to hold. Null: not asked for. */
export interface Selection {
  readonly where: Condition | null;
  /** Event time `[from, to)`, milliseconds; either end may be open. */
  readonly eventTime: { readonly from: number | null; readonly to: number | null } | null;
  /** One partition of the log, or the source of the rows that a correction added (`addedSourceOf`). */
  readonly partition: number | null;
  /** Offsets `[from, to)` of that partition. */
  readonly offsets: { readonly from: number; readonly to: number } | null;
  /** Events by the values of their id fields. */
  readonly ids: readonly Readonly<Record<string, ConditionValue>>[] | null;
}

export const nothingSelected: Selection = { where: null, eventTime: null, partition: null, offsets: null, ids: null };

/** Does it select by anything at all? */
export function isEmptySelection({ where, eventTime, partition, ids }: Selection): boolean {
  return where === null && eventTime === null && partition === null && ids === null;
}

/** Throws CORRECTION_INVALID when the parts of a selection can not mean anything. */
export function checkSelection(stream: Stream, { eventTime, partition, offsets, ids }: Selection): void {
  if (eventTime !== null) {
    const { from, to } = eventTime;
    for (const end of [from, to])
      if (end !== null && !Number.isFinite(end)) throw invalid('an end of the range of event time is no time');
    if (from !== null && to !== null && from >= to)
      throw invalid(`the range of event time is empty: it ends at ${isoOf(to)} and starts at ${isoOf(from)}`);
  }
  if (partition !== null && !isOffset(partition)) throw invalid(`${partition} is no partition`);
  if (offsets !== null) {
    if (partition === null) throw invalid('offsets are those of one partition; name it as well');
    if (!isOffset(offsets.from) || !isOffset(offsets.to) || offsets.from >= offsets.to)
      throw invalid(`[${offsets.from}, ${offsets.to}) is no range of offsets`);
  }
  if (ids !== null && ids.length === 0) throw invalid('the list of ids is empty');
  for (const [index, id] of (ids ?? []).entries()) {
    const missing = stream.id.filter((name) => !Object.hasOwn(id, name));
    const unknown = Object.keys(id).filter((name) => !stream.id.includes(name));
    if (missing.length + unknown.length > 0)
      throw invalid(
        `id ${index + 1} has ${Object.keys(id).join(', ') || 'nothing'}; an event of stream ${stream.name} is known by ${stream.id.join(', ')}`,
      );
  }
}

/** A selection in words. */
export function selectionText({ where, eventTime, partition, offsets, ids }: Selection): string {
  const parts: string[] = [];
  if (where !== null) parts.push(conditionText(where));
  if (eventTime !== null)
    parts.push(
      `event time ${eventTime.from === null ? '' : `from ${isoOf(eventTime.from)}`}${eventTime.to === null ? '' : ` until before ${isoOf(eventTime.to)}`}`.replace(
        '  ',
        ' ',
      ),
    );
  if (partition !== null)
    parts.push(
      partition < firstAddedSource ? `partition ${partition}` : `rows of correction ${partition - firstAddedSource}`,
    );
  if (offsets !== null) parts.push(`offsets [${offsets.from}, ${offsets.to})`);
  if (ids !== null) parts.push(`${ids.length} ids`);
  return parts.length === 0 ? 'nothing selected' : parts.join(' and ');
}

const signs: Readonly<Record<string, string>> = {
  equals: '=',
  notEquals: '!=',
  lessThan: '<',
  atMost: '<=',
  greaterThan: '>',
  atLeast: '>=',
};

/** As `parseCondition` reads it. */
export function conditionText(condition: Condition): string {
  if ('all' in condition) return condition.all.map(bracketed).join(' and ');
  if ('any' in condition) return condition.any.map(bracketed).join(' or ');
  if ('not' in condition) return `not (${conditionText(condition.not)})`;
  if (condition.is === 'null' || condition.is === 'notNull')
    return `${condition.field} is ${condition.is === 'null' ? '' : 'not '}null`;
  if (condition.is === 'oneOf') return `${condition.field} in (${condition.values.map(valueText).join(', ')})`;
  return `${condition.field} ${signs[condition.is] ?? condition.is} ${valueText(condition.value)}`;
}

function bracketed(condition: Condition): string {
  const text = conditionText(condition);
  return 'all' in condition || 'any' in condition ? `(${text})` : text;
}

function valueText(value: ConditionValue): string {
  return typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
}

function isOffset(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isoOf(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms);
}

function invalid(message: string): CorrectionError {
  return new CorrectionError('CORRECTION_INVALID', `${message}.`);
}
