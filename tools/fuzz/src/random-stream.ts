import {
  boolean,
  bytes,
  date,
  decimal,
  enumeration,
  float,
  instant,
  int,
  list,
  record,
  stream,
  text,
  uuid,
  type AnyRecordBuilder,
  type FieldBuilder,
  type FieldShapes,
  type Stream,
} from '@twofold/schemas';
import type { Draw } from './draw.ts';

/** A stream of random fields, and how its messages are drawn: the members of an object, as raw JSON. */
export interface RandomStream {
  readonly stream: Stream<FieldShapes>;
  readonly message: (time: number) => string;
}

/** A field or a record, and how its value is drawn as raw JSON. */
interface RandomField {
  readonly builder: (FieldBuilder | AnyRecordBuilder) & { optional(): FieldBuilder | AnyRecordBuilder };
  readonly value: () => string;
}

interface NamedField extends RandomField {
  readonly name: string;
  readonly optional: boolean;
}

const words = [
  '',
  'a',
  'b',
  'ab',
  'B',
  'é',
  'e\u0301',
  '\u{1f600}',
  '\ufb01',
  'zz ',
  ' z',
  'a,b',
  "it's",
  'a"\\b',
  '\u0000',
  '￿',
];

/** Fields of every kind, some of a kind more than once, with an id, an instant and a horizon of a random size. */
export function randomStream(draw: Draw, name: string): RandomStream {
  const kinds = draw.some([...makers, ...makers], 3, 9);
  const plain = kinds.map((make, i): NamedField => ({ name: `f${i}`, optional: draw.chance(0.4), ...make(draw) }));
  const fields = draw.chance(0.5) ? grouped(draw, plain, 2) : plain;
  const declared = stream(name, {
    fields: { id: text(), at: instant('ms'), ...buildersOf(fields) },
    id: ['id'],
    eventTime: 'at',
    skew: draw.chance(0.5) ? null : '5m',
    dedupeHorizon: draw.pick([0, 1, 5, 40]),
    sliceSize: draw.pick([4, 8, 16, 32]),
  });
  const message = (time: number): string => {
    const members = membersOf(draw, fields);
    const bad = draw.chance(0.03) && members.length > 0 ? draw.int(0, members.length - 1) : -1;
    const all = [
      ['id', `"e${draw.int(0, 60)}"`],
      ['at', String(time)],
      ...members.map(([key, raw], i) => [key, i === bad ? draw.pick(wrongValues) : raw]),
    ];
    return `{${(draw.chance(0.2) ? all.toReversed() : all).map(([key, raw]) => `"${key}":${raw}`).join(',')}}`;
  };
  return { stream: declared, message };
}

/** The builders that make fields of a declaration. */
function buildersOf(fields: readonly NamedField[]): Readonly<Record<string, FieldBuilder | AnyRecordBuilder>> {
  return Object.fromEntries(
    fields.map(({ name, optional, builder }) => [name, optional ? builder.optional() : builder] as const),
  );
}

/** Keys and values of an object that has the fields, but for some that may be missing. */
function membersOf(draw: Draw, fields: readonly NamedField[]): (readonly [key: string, raw: string])[] {
  return fields
    .filter(({ optional }) => !optional || draw.chance(0.85))
    .map(({ name, optional, value }) => [name, optional && draw.chance(0.15) ? 'null' : value()] as const);
}

/** The same fields with some that stand side by side in a record, and maybe some of those in another. */
function grouped(draw: Draw, fields: readonly NamedField[], depth: number): readonly NamedField[] {
  const from = draw.int(0, fields.length - 1);
  const to = draw.int(from + 1, fields.length);
  const chosen = fields.slice(from, to);
  const inside = depth > 1 && draw.chance(0.3) ? grouped(draw, chosen, depth - 1) : chosen;
  const value = (): string => {
    const members = membersOf(draw, inside);
    const all = draw.chance(0.2) ? members.toReversed() : members;
    const more = draw.chance(0.1) ? [...all, ['other', '{"f0":[1]}'] as const] : all;
    // Now and then what is missing is required, or a key stands there twice.
    const some = draw.chance(0.02) ? draw.some([...more, ...more], 0, more.length + 1) : more;
    return `{${some.map(([key, raw]) => `"${key}":${raw}`).join(draw.chance(0.1) ? ' , ' : ',')}}`;
  };
  const group = { name: `r${depth}`, optional: draw.chance(0.4), builder: record(buildersOf(inside)), value };
  return [...fields.slice(0, from), group, ...fields.slice(to)];
}

const wrongValues = [
  '"x"',
  '1e400',
  '0.123456789012345678',
  '[]',
  '{}',
  'true',
  '""',
  '1e2',
  'null',
  '-0',
  '"\\ud800"',
  '9007199254740993',
];

const makers: readonly ((draw: Draw) => RandomField)[] = [
  (draw) => numbers(draw, 0, (min, max) => bounded(draw, int(), min, max)),
  (draw) => numbers(draw, 0, (min, max) => bounded(draw, int(), min, max)),
  (draw) => {
    const scale = draw.pick([1, 2, 3, 6]);
    return numbers(draw, scale, (min, max) => bounded(draw, decimal(scale), min / 10 ** scale, max / 10 ** scale));
  },
  (draw) => {
    const quantum = draw.pick([2 ** -20, 2 ** -3, 1, 4]);
    const reach = draw.pick([2 ** 10, 2 ** 22, 2 ** 40]);
    const value = (): string =>
      String(draw.one([() => draw.integer(-reach, reach) * quantum, () => (draw.int(-reach, reach) + 0.3) * quantum]));
    const bound = reach * quantum;
    return { builder: draw.chance(0.8) ? float({ quantum }).between(-bound, bound) : float({ quantum }), value };
  },
  (draw) => ({ builder: boolean(), value: () => String(draw.chance(0.5)) }),
  (draw) => {
    const unit = draw.pick(['s', 'ms', 'us'] as const);
    const per = { s: 1, ms: 1e3, us: 1e6 }[unit];
    const value = (): string =>
      draw.one([
        () => String(draw.int(-100, 100)),
        () => String(draw.int(1_700_000_000 * per, 1_700_000_100 * per)),
        () => `"${new Date(draw.int(-62_135_596_800, 253_402_300_799) * 1_000).toISOString().slice(0, 19)}Z"`,
      ]);
    return { builder: instant(unit), value };
  },
  (draw) => ({
    builder: date(),
    value: () =>
      `"${new Date(draw.pick([draw.int(-3, 3), draw.int(18_000, 21_000), draw.int(-719_162, 2_932_896)]) * 86_400_000).toISOString().slice(0, 10)}"`,
  }),
  (draw) => ({ builder: enumeration(['on', 'off', 'é']), value: () => JSON.stringify(draw.pick(['on', 'off', 'é'])) }),
  (draw) => ({
    builder: uuid(),
    value: () => `"0000000${draw.int(0, 3)}-ABCD-4000-8000-00000000000${draw.int(0, 3)}"`,
  }),
  (draw) => ({
    builder: bytes().maxLength(4),
    value: () => JSON.stringify(draw.pick(['', 'AA==', '/w==', 'AAE=', 'AAEC', '+/8AAQ==', 'AB==', 'A-=='])),
  }),
  (draw) => listOf(draw, list(text()).maxItems(4), () => JSON.stringify(draw.pick(words))),
  (draw) => listOf(draw, list(int().between(-50, 50)), () => String(draw.int(-3, 52))),
  (draw) => listOf(draw, list(enumeration(['on', 'off', 'é'])), () => JSON.stringify(draw.pick(['on', 'off', 'é']))),
  (draw) => ({ builder: text(), value: () => JSON.stringify(draw.pick(words)) }),
  (draw) => ({ builder: text(), value: () => JSON.stringify(draw.pick(words) + draw.pick(words)) }),
  (draw) => {
    const trimmed = text().trimmed();
    const builder = draw.one([() => trimmed, () => trimmed.lowercased(), () => text().uppercased()]);
    return {
      builder,
      value: () => JSON.stringify(draw.pick(['', ' ', '\t']) + draw.pick(words) + draw.pick(['', ' '])),
    };
  },
];

function listOf(
  draw: Draw,
  builder: { optional(): FieldBuilder; unique(): RandomField['builder'] } & FieldBuilder,
  item: () => string,
): RandomField {
  const value = (): string => `[${Array.from({ length: draw.int(0, 4) }, item).join(draw.pick([',', ', ']))}]`;
  return { builder: draw.chance(0.3) ? builder.unique() : builder, value };
}

/** Whole numbers of units within a range that is now and then as wide as can be. */
function numbers(draw: Draw, scale: number, build: (min: number, max: number) => RandomField['builder']): RandomField {
  const reach = draw.pick([5, 1_000, 2 ** 20, 2 ** 26, 2 ** 40, 2 ** 43]);
  const [min, max] = draw.chance(0.7) ? [-reach, reach] : [0, reach];
  return {
    builder: build(min, max),
    value: () => unitsAsJson(draw.integer(min, max), scale),
  };
}

/** `-5` of scale 3 is `-0.005`: every digit is written, whatever a double would make of it. */
function unitsAsJson(units: number, scale: number): string {
  if (scale === 0) return String(units);
  const digits = String(Math.abs(units)).padStart(scale + 1, '0');
  return `${units < 0 ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function bounded<B extends { between(min: number, max: number): B }>(
  draw: Draw,
  builder: B,
  min: number,
  max: number,
): B {
  return draw.chance(0.9) ? builder.between(min, max) : builder;
}
