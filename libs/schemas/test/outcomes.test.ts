import { describe, expect, it } from 'vitest';
import {
  type RejectionCode,
  bytes,
  createDecoder,
  date,
  decimal,
  enumeration,
  float,
  instant,
  int,
  list,
  stream,
  text,
  uuid,
} from '../src/index.ts';
import { memoryBatch } from '../src/testing/index.ts';

const now = Date.UTC(2024, 5, 1);
const declared = stream('outcomes', {
  fields: {
    at: instant('ms'),
    n: int().optional(),
    bounded: int().between(-5, 5).optional(),
    d: decimal(2).optional(),
    rounded: decimal(2).round().optional(),
    f: float({ quantum: 2 ** -20 }).optional(),
    coarse: float({ quantum: 2 ** 10 }).optional(),
    t: text().maxLength(4).optional(),
    code: text().matches('[a-z]+').optional(),
    state: enumeration(['up', 'down']).optional(),
    id: uuid().optional(),
    day: date().optional(),
    micros: instant('us').optional(),
    deep: text().optional(),
    blob: bytes().maxLength(3).optional(),
    tags: list(text().maxLength(6)).maxItems(3).optional(),
    set: list(decimal(1).between(-9, 9)).unique().optional(),
    times: list(instant('s')).optional(),
  },
  id: ['at'],
  eventTime: 'at',
});

/** The value of a field after decoding, or the code of the rejection; the same on both paths. */
function outcome(message: string | Uint8Array | null, field: string, time = now): unknown {
  const [fast, exact] = (['fast', 'exact'] as const).map((path) => {
    const columns = createDecoder(declared, { path }).decode(memoryBatch(0, 0, [{ value: message, time }]));
    const rejection = columns.rejections[0];
    if (rejection !== undefined) return rejection.code;
    const column = columns.fields[declared.fields.findIndex((candidate) => candidate.name === field)];
    if (column?.kind === 'number') return column.valid[0] === 1 ? column.values[0] : null;
    const id = column?.ids[0] ?? -1;
    return id === -1 ? null : column?.dictionary.text(id);
  });
  expect(fast).toEqual(exact);
  return exact;
}

const withField = (field: string, token: string): string => `{"at":${now},"${field}":${token}}`;
const nested = (depth: number): string => `{"at":${now},"extra":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;

describe('a number has a stated outcome', () => {
  const cases: readonly (readonly [string, string, unknown])[] = [
    ['n', '9007199254740992', 2 ** 53],
    ['n', '9007199254740993', 'INEXACT_NUMBER'],
    ['n', '-9007199254740992', -(2 ** 53)],
    ['n', '1e400', 'INEXACT_NUMBER'],
    ['n', '1e-400', 'TOO_MANY_DIGITS'],
    ['n', '-0', 0],
    ['n', '-0.000', 0],
    ['n', '0e999999999999999999999', 0],
    ['n', '1.0', 1],
    ['n', '10e-1', 1],
    ['n', '1E+2', 100],
    ['n', '1.5', 'TOO_MANY_DIGITS'],
    ['n', '123456789012345678901234567890', 'INEXACT_NUMBER'],
    ['n', '"1"', 'WRONG_TYPE'],
    ['n', 'true', 'WRONG_TYPE'],
    ['n', '01', 'INVALID_JSON'],
    ['n', 'NaN', 'INVALID_JSON'],
    ['n', '"NaN"', 'WRONG_TYPE'],
    ['bounded', '5', 5],
    ['bounded', '-6', 'OUT_OF_RANGE'],
    ['d', '21.37', 2137],
    ['d', '21.370', 2137],
    ['d', '-21.37', -2137],
    ['d', '21.371', 'TOO_MANY_DIGITS'],
    ['d', '90071992547409.92', 2 ** 53],
    ['d', '90071992547409.93', 'INEXACT_NUMBER'],
    ['d', '0.000000000000000000000000000001', 'TOO_MANY_DIGITS'],
    ['rounded', '0.005', 1],
    ['rounded', '-0.005', -1],
    ['rounded', '0.00499999999999999999999', 0],
    ['rounded', '-0.001', 0],
    ['rounded', '1e-400', 0],
    ['f', '0.9731', Math.floor(0.9731 * 2 ** 20)],
    ['f', '0.12345678901234567890', 129_453],
    ['f', '-1e-30', -1],
    ['f', '-1e-400', 0],
    ['f', '8589934592', 'INEXACT_NUMBER'],
    ['f', '8589934591.999999', 2 ** 53 - 1],
    ['f', '-8589934592', -(2 ** 53)],
    ['f', '1e400', 'INEXACT_NUMBER'],
    ['coarse', '-5e-324', -1],
    ['coarse', '-0', 0],
    ['coarse', '1023', 0],
  ];
  it.each(cases)('%s: %s', (field, token, wanted) => {
    expect(outcome(withField(field, token), field)).toEqual(wanted);
  });
});

describe('bytes and lists have a stated outcome', () => {
  const cases: readonly (readonly [string, string, unknown])[] = [
    ['blob', '""', ''],
    ['blob', '"AAEC"', 'AAEC'],
    ['blob', '"+\\/8="', '+/8='],
    ['blob', '"AAECAw=="', 'TOO_LONG'],
    ['blob', '"AB=="', 'NO_MATCH'],
    ['blob', '"AA="', 'NO_MATCH'],
    ['blob', '"AA"', 'NO_MATCH'],
    ['blob', '"A==="', 'NO_MATCH'],
    ['blob', '"===="', 'NO_MATCH'],
    ['blob', '"-_8="', 'NO_MATCH'],
    ['blob', '5', 'WRONG_TYPE'],
    ['blob', 'null', null],
    ['tags', '[]', '[]'],
    ['tags', ' [ "a" ,\n"b" ] ', '["a","b"]'],
    ['tags', '["a,b"]', '["a\\u002cb"]'],
    ['tags', '["\\u0061","\\"]"]', '["a","\\"]"]'],
    ['tags', '["é","\\ud83d\\ude00",""]', '["é","😀",""]'],
    ['tags', '["a","a"]', '["a","a"]'],
    ['tags', '["a","b","c","d"]', 'TOO_LONG'],
    ['tags', '["1234567"]', 'TOO_LONG'],
    ['tags', '[1]', 'WRONG_TYPE'],
    ['tags', '[["a"]]', 'WRONG_TYPE'],
    ['tags', '[null]', 'MISSING_FIELD'],
    ['tags', '"a"', 'WRONG_TYPE'],
    ['tags', '{}', 'WRONG_TYPE'],
    ['tags', '["a",]', 'INVALID_JSON'],
    ['tags', '["\\ud800"]', 'INVALID_TEXT'],
    ['tags', 'null', null],
    ['set', '[0.5, -0.0, 9]', '[5,0,90]'],
    ['set', '[1, 1.0]', 'NOT_UNIQUE'],
    ['set', '[10]', 'OUT_OF_RANGE'],
    ['set', '[0.15]', 'TOO_MANY_DIGITS'],
    ['times', '["1970-01-01T00:00:01Z", 2]', '[1,2]'],
    ['times', '["1970-01-01"]', 'INVALID_INSTANT'],
  ];
  it.each(cases)('%s: %s', (field, token, wanted) => {
    expect(outcome(withField(field, token), field)).toEqual(wanted);
  });

  it('also where the texts of a record take more room than the record has bytes', () => {
    const commas = JSON.stringify([',,,,,,', ',,,,,,', ',,,,,,']);
    const message = `{"at":${now},"deep":"${'x'.repeat(900)}","tags":${commas},"blob":"AAEC"}`;
    expect(outcome(message, 'blob')).toBe('AAEC');
    expect(outcome(message, 'tags')).toBe(
      `[${Array(3)
        .fill(`"${'\\u002c'.repeat(6)}"`)
        .join(',')}]`,
    );
  });
});

describe('a text has a stated outcome', () => {
  const cases: readonly (readonly [string, string, unknown])[] = [
    ['t', '""', ''],
    ['t', '"\\u0041\\n"', 'A\n'],
    ['t', '"a\\u0000b"', 'a\0b'],
    ['t', '"\\ud83d\\ude00"', '😀'],
    ['t', '"😀😀😀😀"', '😀😀😀😀'],
    ['t', '"😀😀😀😀x"', 'TOO_LONG'],
    ['t', '"\ufeff"', '\ufeff'],
    ['t', '"\\ud800"', 'INVALID_TEXT'],
    ['t', '"\\udc00\\ud800"', 'INVALID_TEXT'],
    ['t', '"a\tb"', 'INVALID_JSON'],
    ['t', '"\\x"', 'INVALID_JSON'],
    ['t', 'null', null],
    ['t', '7', 'WRONG_TYPE'],
    ['code', '"abc"', 'abc'],
    ['code', '"aBc"', 'NO_MATCH'],
    ['state', '"up"', 'up'],
    ['state', '"Up"', 'NOT_IN_ENUMERATION'],
    ['id', '"123E4567-E89B-12D3-A456-426614174000"', '123e4567-e89b-12d3-a456-426614174000'],
    ['id', '"123e4567e89b12d3a456426614174000"', 'NO_MATCH'],
    ['extra', '"\\ud800"', 'INVALID_TEXT'],
  ];
  it.each(cases)('%s: %s', (field, token, wanted) => {
    expect(outcome(withField(field, token), field)).toEqual(wanted);
  });
});

describe('a time has a stated outcome', () => {
  const cases: readonly (readonly [string, string, unknown])[] = [
    ['day', '"2024-02-29"', 19_782],
    ['day', '"2024-02-30"', 'INVALID_INSTANT'],
    ['day', '"2023-02-29"', 'INVALID_INSTANT'],
    ['day', '"0000-01-01"', 'INVALID_INSTANT'],
    ['day', '19782', 'WRONG_TYPE'],
    ['micros', '"2024-02-29T00:00:00.000001Z"', 1_709_164_800_000_001],
    ['micros', '"2024-02-29T00:00:00.0000010Z"', 1_709_164_800_000_001],
    ['micros', '"2024-02-29T00:00:00.0000011Z"', 'TOO_MANY_DIGITS'],
    ['micros', '"2024-02-29T00:00:60Z"', 'INVALID_INSTANT'],
    ['micros', '"2024-02-29T24:00:00Z"', 'INVALID_INSTANT'],
    ['micros', '"2024-02-29T00:00:00+00:00"', 'INVALID_INSTANT'],
    ['micros', '"2255-06-05T23:47:34.740991Z"', 2 ** 53 - 1],
    ['micros', '"2255-06-05T23:47:34.740993Z"', 'OUT_OF_RANGE'],
    ['micros', '-1', -1],
    ['micros', '1.5', 'TOO_MANY_DIGITS'],
  ];
  it.each(cases)('%s: %s', (field, token, wanted) => {
    expect(outcome(withField(field, token), field)).toEqual(wanted);
  });

  it('is rejected when it is later than log time and skew, to the millisecond (E11)', () => {
    const skew = 300_000;
    expect(outcome(`{"at":${now + skew}}`, 'at')).toBe(now + skew);
    expect(outcome(`{"at":${now + skew + 1}}`, 'at')).toBe('FUTURE_EVENT_TIME');
    expect(outcome('{"at":-62135596800000}', 'at')).toBe(-62135596800000);
    expect(outcome('{"at":-62135596800001}', 'at')).toBe('OUT_OF_RANGE');
    expect(outcome('{"at":"1969-12-31T23:59:59.999Z"}', 'at')).toBe(-1);
  });
});

it('bounds are told as they are declared', () => {
  const told = stream('told', {
    fields: {
      price: decimal(2).between(-400, 2_000),
      share: float({ quantum: 2 ** -4 }).between(0, 0.5),
      at: instant('s'),
    },
    id: ['at'],
    eventTime: 'at',
    skew: null,
  });
  const detailOf = (value: object): string | undefined =>
    createDecoder(told).decode(memoryBatch(0, 0, [{ value, time: now }])).rejections[0]?.detail;
  const sound = { price: 0, share: 0, at: 0 };
  expect([{ price: 5_000 }, { share: 1 }, { at: 10 ** 12 }].map((wrong) => detailOf({ ...sound, ...wrong }))).toEqual([
    `'price' is "5000", outside of -400.00 to 2000.00.`,
    `'share' is "1", outside of 0 to 0.5.`,
    `'at' is "1000000000000", outside of 0001-01-01T00:00:00.000Z to 9999-12-31T23:59:59.000Z.`,
  ]);
});

describe('a message as a whole has a stated outcome', () => {
  const bytes = (...list: number[]): Uint8Array => Uint8Array.from(list);
  const cases: readonly (readonly [string, string | Uint8Array | null, RejectionCode | number])[] = [
    ['a null value', null, 'NULL_VALUE'],
    ['an empty value', '', 'INVALID_JSON'],
    ['blanks around', ` \t\r\n{"at":${now}}\n`, now],
    ['a byte order mark', `\ufeff{"at":${now}}`, 'INVALID_JSON'],
    ['something after it', `{"at":${now}}x`, 'INVALID_JSON'],
    ['two of them', `{"at":${now}}{"at":${now}}`, 'INVALID_JSON'],
    ['half of it', `{"at":${now}`, 'INVALID_JSON'],
    ['a comma too many', `{"at":${now},}`, 'INVALID_JSON'],
    ['a list', '[1]', 'NOT_AN_OBJECT'],
    ['a number', '7', 'NOT_AN_OBJECT'],
    ['a broken list', '[1', 'INVALID_JSON'],
    ['a required field missing', '{}', 'MISSING_FIELD'],
    ['a required field null', '{"at":null}', 'MISSING_FIELD'],
    ['a declared key twice', `{"at":${now},"at":${now}}`, 'DUPLICATE_KEY'],
    ['a declared key twice, once escaped', `{"at":${now},"\\u0061t":${now}}`, 'DUPLICATE_KEY'],
    ['a declared key, escaped', `{"\\u0061t":${now}}`, now],
    ['an undeclared key twice', `{"x":1,"at":${now},"x":[2]}`, now],
    ['keys twice further in', `{"x":{"at":1,"at":2},"at":${now}}`, now],
    ['keys that objects have', `{"__proto__":{"at":1},"constructor":null,"at":${now}}`, now],
    ['an undeclared value that is wrong', `{"x":01,"at":${now}}`, 'INVALID_JSON'],
    ['64 containers', nested(64), now],
    ['65 containers', nested(65), 'TOO_DEEP'],
    ['an overlong form', bytes(0x7b, 0x22, 0xc0, 0x80, 0x22, 0x3a, 0x31, 0x7d), 'INVALID_UTF8'],
    ['an encoded surrogate', bytes(0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d), 'INVALID_UTF8'],
    ['bytes beyond Unicode', bytes(0x7b, 0x22, 0xf4, 0x90, 0x80, 0x80, 0x22, 0x3a, 0x31, 0x7d), 'INVALID_UTF8'],
    ['a character cut', bytes(0x7b, 0x22, 0xe2, 0x82), 'INVALID_UTF8'],
    ['a value above the limit', `{"at":${now},"deep":"${'x'.repeat(2 ** 20)}"}`, 'TOO_LARGE'],
  ];
  it.each(cases)('%s', (_, message, wanted) => {
    expect(outcome(message, 'at')).toBe(wanted);
  });

  it('leaves no mark on any object, whatever its keys are', () => {
    const members = Object.getOwnPropertyNames(Object.prototype).sort();
    for (const key of ['__proto__', 'constructor', 'toString', '0', '\\u0000'])
      outcome(`{"at":${now},"${key}":{"polluted":1}}`, 'at');
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(members);
    expect({}).not.toHaveProperty('polluted');
  });

  it('quotes at most 80 characters of the input', () => {
    const columns = createDecoder(declared).decode(
      memoryBatch(0, 0, [{ value: withField('code', `"${'Z'.repeat(900)}"`), time: now }]),
    );
    expect(columns.rejections[0]?.detail.match(/Z/g)?.length).toBeLessThanOrEqual(80);
    expect(columns.rejections[0]).toMatchObject({ code: 'NO_MATCH', field: 'code', row: 0, offset: 0 });
  });
});
