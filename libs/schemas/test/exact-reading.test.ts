import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactUnits } from '../src/exact-units.ts';
import { JsonReader } from '../src/json-reader.ts';
import { quantaOf } from '../src/staged-row.ts';
import { hostileTokens } from '../src/testing/index.ts';

const digits = (max: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: max });
const numberToken = fc
  .tuple(fc.constantFrom('', '-'), digits(25), fc.option(digits(25)), fc.option(fc.integer({ min: -30, max: 30 })))
  .map(
    ([sign, whole, fraction, exponent]) =>
      `${sign}${whole.replace(/^0+(?=.)/, '')}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent}`}`,
  );

/** value * 10^(scale + 60), which is whole for all tokens above. */
function scaled(token: string, scale: number): bigint {
  const [mantissa = '', exponent = '0'] = token.split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const power = BigInt(scale + 60 + Number(exponent) - fraction.length);
  return BigInt(whole + fraction) * 10n ** power;
}

describe('exact units', () => {
  it('are those of integer arithmetic, or a refusal exactly where it has none', () => {
    const unit = 10n ** 60n;
    fc.assert(
      fc.property(numberToken, fc.nat({ max: 15 }), fc.boolean(), (token, scale, round) => {
        const bytes = new TextEncoder().encode(token);
        const value = scaled(token, scale);
        const size = value < 0n ? -value : value;
        const rounded = (round ? (size + unit / 2n) / unit : size / unit) * (value < 0n ? -1n : 1n);
        const found = exactUnits(bytes, 0, bytes.length, scale, round);
        const fits = rounded <= 2n ** 53n && rounded >= -(2n ** 53n);
        if (found.ok) {
          expect(BigInt(found.value)).toBe(rounded);
          expect(Object.is(found.value, -0)).toBe(false);
          expect(fits && (round || size % unit === 0n)).toBe(true);
        } else if (found.code === 'TOO_MANY_DIGITS') expect(!round && size % unit !== 0n).toBe(true);
        else expect(fits).toBe(false);
      }),
      { numRuns: 5000 },
    );
  }, 60_000);
});

describe('quanta', () => {
  it('are the floor of the exact quotient', () => {
    fc.assert(
      fc.property(fc.double(), fc.integer({ min: -100, max: 100 }), (value, power) => {
        const quanta = quantaOf(value, 2 ** power);
        // A double is an integer times 2^-1074: the quotient as a fraction of integers.
        const exact = Number.isFinite(value) ? floorQuotient(value, power) : null;
        if (exact === null || exact < -(2n ** 53n) || exact >= 2n ** 53n) expect(quanta).toBeNaN();
        else expect(quanta).toBe(Number(exact));
      }),
      { numRuns: 5000 },
    );
  }, 60_000);
});

function floorQuotient(value: number, power: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  const mantissa = (exponent === 0 ? fraction : fraction | (1n << 52n)) * (value < 0 ? -1n : 1n);
  const shift = (exponent === 0 ? 1 : exponent) - 1075 - power;
  return shift >= 0 ? mantissa << BigInt(shift) : mantissa >> BigInt(-shift); // >> is a floor
}

describe('the JSON reader', () => {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const json = fc.oneof(
    fc.json({ maxDepth: 4 }),
    fc
      .array(
        fc.constantFrom(
          ...hostileTokens,
          '{',
          '}',
          '[',
          ']',
          ',',
          ':',
          '"',
          '"a"',
          ' ',
          '\n',
          '\\',
          '1',
          '-',
          '.',
          'e',
        ),
        { maxLength: 8 },
      )
      .map((parts) => parts.join('')),
    fc.constantFrom(...hostileTokens),
  );
  const bytes = fc.oneof(
    { weight: 4, arbitrary: json.map((text) => new TextEncoder().encode(text)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(json, fc.nat(), fc.nat({ max: 255 }))
        .map(([text, at, byte]) =>
          new TextEncoder().encode(text).map((old, i, all) => (i === at % all.length ? byte : old)),
        ),
    },
  );

  it('finds sound exactly what JSON.parse takes, but for the limits it states', () => {
    fc.assert(
      fc.property(bytes, (message) => {
        const fault = new JsonReader([]).read(message, 0, message.length);
        let parsed: unknown;
        let sound = true;
        try {
          parsed = JSON.parse(utf8.decode(message));
        } catch {
          sound = false;
        }
        if (fault === null) expect(sound && typeof parsed === 'object' && !Array.isArray(parsed)).toBe(true);
        else if (fault.code === 'NOT_AN_OBJECT') expect(sound).toBe(true);
        else if (fault.code === 'INVALID_UTF8') expect(() => utf8.decode(message)).toThrow();
        else if (fault.code === 'INVALID_JSON') expect(sound).toBe(false);
        else expect(['TOO_DEEP', 'INVALID_TEXT']).toContain(fault.code);
      }),
      { numRuns: 6000 },
    );
  }, 60_000);

  it('finds the values of declared keys where they stand', () => {
    const keys = ['a', 'b', 'é', '__proto__', '"', '\n'];
    const member = fc.tuple(fc.constantFrom(...keys, 'z'), fc.jsonValue());
    fc.assert(
      fc.property(fc.uniqueArray(member, { selector: ([key]) => key }), (list) => {
        const text = `{${list.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(', ')}}`;
        const message = new TextEncoder().encode(`xx${text}`);
        const reader = new JsonReader(keys);
        const fault = reader.read(message, 2, message.length);
        fc.pre(fault?.code !== 'INVALID_TEXT');
        expect(fault).toBeNull();
        keys.forEach((key, i) => {
          const found = list.find(([name]) => name === key);
          if (found === undefined) return expect(reader.tokens[i]).toBe(0);
          const quote = reader.tokens[i] === 5 || reader.tokens[i] === 6 ? 1 : 0;
          const token = utf8.decode(message.subarray((reader.starts[i] ?? 0) - quote, (reader.ends[i] ?? 0) + quote));
          expect(token).toBe(JSON.stringify(found[1]));
        });
      }),
      { numRuns: 1000 },
    );
  }, 60_000);
});
