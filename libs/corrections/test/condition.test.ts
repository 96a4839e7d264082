import { createDecoder, createIdReader, RecordClass, TwofoldError, type Columns } from '@twofold/schemas';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  checkSelection,
  conditionText,
  createRowMatcher,
  idOfValues,
  nothingSelected,
  parseCondition,
  type Condition,
  type Selection,
} from '../src/index.ts';
import { readings } from './sample.ts';

const encoder = new TextEncoder();

/** One batch of messages, decoded as the stream decodes them. */
function columnsOf(messages: readonly Readonly<Record<string, unknown>>[]): Columns {
  const values = messages.map((message) => encoder.encode(JSON.stringify(message)));
  const ends: number[] = [];
  let at = 0;
  for (const value of values) ends.push((at += value.length));
  const bytes = new Uint8Array(at);
  values.forEach((value, i) => bytes.set(value, (ends[i] ?? 0) - value.length));
  const none = Int32Array.from(values, () => -1);
  return createDecoder(readings).decode({
    partition: 0,
    baseOffset: 0,
    nextOffset: values.length,
    count: values.length,
    bytes,
    offsets: Float64Array.from(values, (_, i) => i),
    times: new Float64Array(values.length),
    keyStarts: none,
    keyEnds: none,
    valueStarts: Int32Array.from(values, (value, i) => (ends[i] ?? 0) - value.length),
    valueEnds: Int32Array.from(ends),
  });
}

const rows = columnsOf([
  { sensor: 'a', at: '2026-01-01T00:00:00Z', value: 20.5, count: 1, wet: true, day: '2026-01-01' },
  { sensor: 'b', at: '2026-01-01T00:01:00Z', value: -3 },
  { sensor: "o'c", at: '2026-01-01T01:00:00Z', value: 20.51, wet: false },
]);

function hits(selection: Partial<Selection>): number[] {
  const matches = createRowMatcher(readings, { ...nothingSelected, ...selection });
  return [0, 1, 2].filter((row) => matches(rows, row));
}

const at = (condition: string): number[] => hits({ where: parseCondition(condition) });

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof TwofoldError ? `${error.code} ${error.message}` : String(error);
  }
  return 'no refusal';
}

describe('a condition', () => {
  test('means what it means in a view: null is neither true nor false', () => {
    expect([...rows.classes.slice(0, rows.count)]).toEqual([
      RecordClass.applied,
      RecordClass.applied,
      RecordClass.applied,
    ]);
    expect(at("sensor = 'a'")).toEqual([0]);
    expect(at("sensor = 'o''c'")).toEqual([2]);
    expect(at('value > 20.5')).toEqual([2]);
    expect(at('value >= 20.5 and not wet = true')).toEqual([2]);
    expect(at('wet != true')).toEqual([2]);
    expect(at('count is null')).toEqual([1, 2]);
    expect(at('count is not null or value < 0')).toEqual([0, 1]);
    expect(at("sensor in ('a', 'b')")).toEqual([0, 1]);
    expect(at("sensor startsWith 'o' or (sensor contains 'b' and value = -3)")).toEqual([1, 2]);
    expect(at("at >= '2026-01-01T00:01:00Z'")).toEqual([1, 2]);
    expect(at("day = '2026-01-01'")).toEqual([0]);
  });

  test('that does not fit the stream is refused with the field and the reason', () => {
    expect(refusal(() => at("colour = 'red'"))).toMatch(/CONDITION_INVALID .*no field 'colour'.*sensor/);
    expect(refusal(() => at("value = 'much'"))).toMatch(/value is a number/);
    expect(refusal(() => at('value = 1.234'))).toMatch(/CONDITION_INVALID .*1\.234/);
    expect(refusal(() => at('sensor = 5'))).toMatch(/in quotes/);
    expect(refusal(() => at("value contains '2'"))).toMatch(/no text/);
    expect(refusal(() => at('wet < true'))).toMatch(/true or false/);
    expect(refusal(() => at("at = 'yesterday'"))).toMatch(/CONDITION_INVALID/);
  });

  test('that can not be read is refused with its place', () => {
    expect(refusal(() => parseCondition('value >'))).toMatch(/character 8, the end/);
    expect(refusal(() => parseCondition("sensor = 'a"))).toMatch(/CONDITION_INVALID/);
    expect(refusal(() => parseCondition("sensor = 'a' value"))).toMatch(
      /character 14, 'value' is more than a condition/,
    );
    expect(refusal(() => parseCondition('process.exit()'))).toMatch(/CONDITION_INVALID/);
    expect(refusal(() => parseCondition('value like 5'))).toMatch(/'like 5' should be one of/);
    expect(refusal(() => parseCondition(`${'('.repeat(80)}value = 1`))).toMatch(/brackets/);
    expect(refusal(() => parseCondition(''))).toMatch(/name of a field/);
  });

  test('is written as it is read', () => {
    const leaf: fc.Arbitrary<Condition> = fc.oneof(
      fc.record({ field: fc.constant('sensor'), is: fc.constantFrom('equals', 'startsWith'), value: fc.string() }),
      fc.record({ field: fc.constant('value'), is: fc.constantFrom('lessThan', 'atLeast'), value: fc.integer() }),
      fc.record({ field: fc.constant('count'), is: fc.constantFrom('null', 'notNull') }),
      fc.record({
        field: fc.constant('sensor'),
        is: fc.constant('oneOf'),
        values: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
      }),
    );
    const { tree } = fc.letrec<{ tree: Condition }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.record({ not: tie('tree') }),
        fc.record({ all: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }) }),
        fc.record({ any: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }) }),
      ),
    }));
    fc.assert(
      fc.property(tree, (condition) => {
        expect(parseCondition(conditionText(condition))).toEqual(condition);
      }),
    );
  });
});

describe('a selection', () => {
  test('takes events by id, in the units of the fields', () => {
    expect(hits({ ids: [{ sensor: 'a', at: '2026-01-01T00:00:00.000Z' }] })).toEqual([0]);
    expect(hits({ ids: [{ sensor: 'a', at: '2026-01-01T00:01:00Z' }] })).toEqual([]);
    expect(hits({ ids: [{ sensor: 'b', at: Date.UTC(2026, 0, 1, 0, 1) }] })).toEqual([1]);
    const idOf = createIdReader(readings);
    expect(idOfValues(readings, { sensor: 'b', at: '2026-01-01T00:01:00Z' })).toBe(idOf(rows, 1));
  });

  test('takes event time from one end to before the other, and all parts have to hold', () => {
    const range = (from: number | null, to: number | null): Partial<Selection> => ({ eventTime: { from, to } });
    const minute = Date.UTC(2026, 0, 1, 0, 1);
    expect(hits(range(minute, null))).toEqual([1, 2]);
    expect(hits(range(null, minute))).toEqual([0]);
    expect(hits({ ...range(minute, null), where: parseCondition('value > 0') })).toEqual([2]);
  });

  test('that can mean nothing is refused', () => {
    const check = (selection: Partial<Selection>): string =>
      refusal(() => checkSelection(readings, { ...nothingSelected, ...selection }));
    expect(check({ eventTime: { from: 5, to: 5 } })).toMatch(/CORRECTION_INVALID .*empty/);
    expect(check({ offsets: { from: 1, to: 2 } })).toMatch(/name it as well/);
    expect(check({ partition: 0, offsets: { from: 2, to: 2 } })).toMatch(/no range of offsets/);
    expect(check({ partition: -1 })).toMatch(/no partition/);
    expect(check({ ids: [] })).toMatch(/list of ids is empty/);
    expect(check({ ids: [{ sensor: 'a' }] })).toMatch(/is known by sensor, at/);
    expect(check({ ids: [{ sensor: 'a', at: 1, value: 2 }] })).toMatch(/id 1 has sensor, at, value/);
    expect(check({ partition: 0, offsets: { from: 0, to: 2 } })).toBe('no refusal');
  });
});
