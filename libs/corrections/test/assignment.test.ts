import { decimal, enumeration, float, instant, int, stream, text, boolean as bool } from '@twofold/schemas';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileAssignments, type FieldValues } from '../src/assignment.ts';
import { CorrectionError } from '../src/errors.ts';
import { membersOf, messageOf, withMember } from '../src/message-members.ts';
import { editMessage, parseEdits } from '../src/message-edits.ts';
import { parseAssignment } from '../src/parse-assignment.ts';

const readings = stream('readings', {
  fields: {
    sensor: text(),
    at: instant('ms').from('timestamp'),
    heat: decimal(2).optional(),
    level: float({ quantum: 2 ** -10 }),
    n: int(),
    site: enumeration(['north', 'south']),
    ok: bool(),
  },
  id: ['sensor', 'at'],
  eventTime: 'at',
  partitionKey: 'sensor',
  skew: null,
});

const T0 = Date.UTC(2026, 0, 1);
const values = new Map<string, ReturnType<FieldValues>>([
  ...([
    ['sensor', 's1'],
    ['at', T0],
    ['heat', 98.6],
    ['level', 0.5],
  ] as const),
  ...([
    ['n', 7],
    ['site', 'north'],
    ['ok', true],
  ] as const),
]);

function set(...texts: string[]): Record<string, string> {
  const made = compileAssignments(readings, texts.map(parseAssignment))((field) => values.get(field) ?? null);
  return Object.fromEntries(made.map(({ path, text: json }) => [path.join('.'), json]));
}

function refused(...texts: string[]): string {
  try {
    return JSON.stringify(set(...texts));
  } catch (error) {
    if (!(error instanceof CorrectionError)) throw error;
    return `${error.code} ${error.message}`;
  }
}

describe('what a replacement sets', () => {
  test('is computed from the event’s fields and rounded to the field’s digits, half away from zero', () => {
    expect(set('heat = (heat - 32) * 5 / 9')).toEqual({ heat: '37.00' });
    expect(set('heat = -1.005')).toEqual({ heat: '-1.01' });
    expect(set('heat = 0.004')).toEqual({ heat: '0.00' });
    expect(set('n = n / 2', 'heat = heat * 2')).toEqual({ n: '4', heat: '197.20' });
    expect(set('n = round(-2.5) + abs(-1)')).toEqual({ n: '-2' });
    expect(set('level = -level')).toEqual({ level: '-0.5' });
  });

  test('is a text, a truth, nothing, or a time that is moved by a duration', () => {
    expect(set("site = 'south'", 'ok = false', 'heat = null')).toEqual({ site: '"south"', ok: 'false', heat: 'null' });
    expect(set("site = lower('SOUTH')")).toEqual({ site: '"south"' });
    const moved = stream('moved', {
      fields: { id: int(), at: instant('us'), seen: instant('s') },
      id: ['id'],
      eventTime: 'at',
      partitionKey: 'id',
      skew: null,
    });
    const of = (text_: string, field: string, units: number): string | undefined =>
      compileAssignments(moved, [parseAssignment(text_)])((name) => (name === field ? units : null))[0]?.text;
    expect(of("at = at + '1h'", 'at', T0 * 1000 + 7)).toBe('"2026-01-01T01:00:00.000007Z"');
    expect(of("seen = seen - '90s'", 'seen', T0 / 1000)).toBe('"2025-12-31T23:58:30.000Z"');
  });

  test('nothing comes of nothing, and of a division by zero', () => {
    expect(set('heat = heat / 0')).toEqual({ heat: 'null' });
  });

  test('what does not fit is refused with its place or its reason', () => {
    expect(refused('heat = heat +')).toMatch(/CONDITION_INVALID .*at character 14, the end should be a value/);
    expect(refused('heat 3')).toMatch(/'3' should be '='/);
    expect(refused('heat = 3 4')).toMatch(/'4' is more than an assignment/);
    expect(refused('heat = process.exit()')).toMatch(/can not be read/);
    expect(refused('warmth = 3')).toMatch(/no field warmth/);
    expect(refused("heat = 'hot'")).toMatch(/heat is a number, and a text is given/);
    expect(refused("heat = site + 'x'")).toMatch(/heat is a number, and a text is given/);
    expect(refused('heat = site * 2')).toMatch(/'\*' takes a number, and a text is given/);
    expect(refused('n = 1', 'n = 2')).toMatch(/n is set twice/);
    expect(refused("sensor = 's2'")).toMatch(/sensor is part of the id/);
    expect(refused(`heat = ${'('.repeat(60)}1${')'.repeat(60)}`)).toMatch(/more than 50 brackets/);
  });
});

describe('the members of a message', () => {
  test('whatever JSON object is read and written is the same value, and what is not touched keeps its digits', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 1, 2), (object, indent) => {
        const message = JSON.stringify(object, null, indent);
        const members = membersOf(message);
        expect(members).not.toBeNull();
        expect(JSON.parse(messageOf(members ?? []))).toEqual(JSON.parse(message));
      }),
    );
    const exact = '{"a" : 9007199254740993.10 , "b":[1,{"c":"}"}], "a2":-1e400}';
    expect(messageOf(withMember(membersOf(exact) ?? [], 'b', '0'))).toBe('{"a":9007199254740993.10,"b":0,"a2":-1e400}');
  });

  test('what is no JSON object has none', () => {
    for (const message of ['', '[1]', '3', 'null', '{"a":', '{"a":1} x']) expect(membersOf(message)).toBeNull();
  });
});

describe('a transformation of dead letters', () => {
  const edit = (message: string, steps: string): string | null => editMessage(message, parseEdits(steps));

  test('mends keys and values, step by step, and nothing else', () => {
    const message = '{"temp":" 21,5 ","x":10000000000000000001}';
    expect(edit(message, 'rename temp to heat; trim heat; replace "," by "." in heat; number heat')).toBe(
      '{"x":10000000000000000001,"heat":21.5}',
    );
    expect(edit('{"a":1}', 'default b = "x;y"; default a = 2; set c = {"d": [1]}; drop a')).toBe(
      '{"b":"x;y","c":{"d": [1]}}',
    );
    expect(edit('{"a":0.1,"b":7}', 'scale a by 3; text b')).toBe('{"a":0.3,"b":"7"}');
  });

  test('what can not be done to a message leaves it as it is', () => {
    expect(edit('{"a":"x"}', 'number a; scale a by 2; scale b by 2; drop c; rename d to e; text a')).toBe('{"a":"x"}');
    expect(edit('no object', 'drop a')).toBeNull();
  });

  test('what is no step is refused', () => {
    for (const steps of ['', ' ; ', 'eval("x")', 'set a = x', 'scale a by b', 'drop a b', 'replace a by b in c'])
      expect(() => parseEdits(steps)).toThrow(CorrectionError);
  });
});
