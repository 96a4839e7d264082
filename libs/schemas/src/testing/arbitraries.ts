import fc from 'fast-check';
import { instantRange, unitsPerSecond } from '../civil-time.ts';
import { mayBeMissing, messageTree, sourcePath, type MessageNode } from '../message-tree.ts';
import type { Field, Stream } from '../stream.ts';
import { hostileTokens } from './hostile-tokens.ts';

export interface MessageOptions {
  /** Event times lie in the week before it, so that sound messages are accepted (E11). Milliseconds. */
  readonly logTime: number;
}

/** Sound messages of a stream, as bytes: every one is accepted when its log time is `logTime`. Keys in any order. */
export function soundMessages(stream: Stream, options: MessageOptions): fc.Arbitrary<Uint8Array> {
  return members(stream, options)
    .chain((all) => fc.tuple(fc.shuffledSubarray(all, { minLength: all.length }), spacing))
    .map(written);
}

/**
 * Messages as a careless or hostile sender writes them: a sound one with values swapped, fields dropped, named twice or
 * unknown, keys escaped, blanks, then bytes changed, cut, doubled. Many are still sound; what they become is the question.
 */
export function hostileMessages(stream: Stream, options: MessageOptions): fc.Arbitrary<Uint8Array> {
  return members(stream, options)
    .chain((all) =>
      fc.tuple(
        fc.array(fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...all) }, { weight: 1, arbitrary: wild(stream) }), {
          maxLength: all.length + 3,
        }),
        fc.constant(all),
      ),
    )
    .chain(([some, all]) =>
      fc.tuple(
        fc.oneof(
          { weight: 3, arbitrary: fc.constant(withHostile(all, some)) },
          { weight: 1, arbitrary: fc.constant(some) },
        ),
        hostileSpacing,
      ),
    )
    .map(written)
    .chain((bytes) =>
      fc.oneof(
        { weight: 3, arbitrary: fc.constant(bytes) },
        { weight: 2, arbitrary: damaged(bytes) },
        { weight: 1, arbitrary: fc.uint8Array({ maxLength: 80 }) },
      ),
    );
}

/** A key and its value, both as JSON. */
type Member = readonly [key: string, token: string];

/** All of a sound message but its hostile members take the place of those with the same key. */
function withHostile(all: readonly Member[], some: readonly Member[]): Member[] {
  const strange = some.filter((member) => !all.includes(member));
  return [...all.filter(([key]) => !strange.some((member) => member[0] === key)), ...strange];
}

function wild(stream: Stream): fc.Arbitrary<Member> {
  const sources = [...new Set(stream.fields.flatMap(sourcePath))];
  const known = sources.map((source) => JSON.stringify(source));
  const escaped = sources.map(
    (source) =>
      `"\\u${(source.charCodeAt(0) + 0x1_0000).toString(16).slice(1)}${JSON.stringify(source.slice(1)).slice(1)}`,
  );
  const unknown = ['"__proto__"', '"constructor"', '""', '"\\u0000"', '"é"', '"toString"', '"\\ud800"', '"x y"', '"0"'];
  const key = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...known) },
    { weight: 1, arbitrary: fc.constantFrom(...escaped) },
    { weight: 2, arbitrary: fc.constantFrom(...unknown) },
  );
  const inside = fc
    .array(fc.tuple(key, fc.constantFrom(...hostileTokens, '1', '"a"', 'null', '{}')), { maxLength: 4 })
    .map((some) => `{${some.map(([name, token]) => `${name}:${token}`).join(',')}}`);
  return fc.tuple(
    key,
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...hostileTokens) },
      { weight: 1, arbitrary: inside },
      { weight: 1, arbitrary: fc.json() },
      { weight: 1, arbitrary: fc.double().map((x) => JSON.stringify(x)) },
    ),
  );
}

/** Blanks after a colon or comma, before one, and around the message. */
const blanks = [
  ['', '', ''],
  [' ', '', ''],
  ['', ' ', ''],
  ['\t', '\r\n', ' '],
];
const spacing = fc.constantFrom(...blanks);
const hostileSpacing = fc.constantFrom(...blanks, ['\f', '', ''], ['', '', '\u00a0']);

function written(parts: readonly [readonly Member[], readonly string[]]): Uint8Array {
  const around = parts[1][2] ?? '';
  return new TextEncoder().encode(`${around}${objectText(parts)}${around}`);
}

function objectText([all, [after, before]]: readonly [readonly Member[], readonly string[]]): string {
  return `{${all.map(([key, token]) => `${key}${before}:${after}${token}${before}`).join(`,${after}`)}}`;
}

function damaged(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const place = fc.nat({ max: Math.max(bytes.length - 1, 0) });
  return fc.oneof(
    fc.tuple(place, fc.nat({ max: 255 })).map(([at, byte]) => bytes.map((old, i) => (i === at ? byte : old))),
    place.map((at) => bytes.slice(0, at)),
    place.map((at) => bytes.slice(at)),
    fc
      .tuple(place, fc.uint8Array({ minLength: 1, maxLength: 4 }))
      .map(([at, more]) => Uint8Array.from([...bytes.slice(0, at), ...more, ...bytes.slice(at)])),
    fc.constant(Uint8Array.from([0xef, 0xbb, 0xbf, ...bytes])),
    fc.constant(Uint8Array.from([...bytes, ...bytes])),
  );
}

function members(stream: Stream, options: MessageOptions): fc.Arbitrary<Member[]> {
  return membersAt(messageTree(stream.fields), stream, options);
}

/** What stands side by side in a message or a record. */
function membersAt(nodes: readonly MessageNode[], stream: Stream, options: MessageOptions): fc.Arbitrary<Member[]> {
  return fc
    .tuple(
      ...nodes.map((node) => {
        const key = JSON.stringify(node.source);
        const [optional, value] = nodeToken(node, stream, options);
        const token = value.map((text): Member[] => [[key, text]]);
        const nothing = fc.constantFrom<Member[]>([], [[key, 'null']]);
        return optional ? fc.oneof({ weight: 4, arbitrary: token }, { weight: 1, arbitrary: nothing }) : token;
      }),
    )
    .map((lists) => lists.flat());
}

/** May it be missing; and what stands there else. */
function nodeToken(
  node: MessageNode,
  stream: Stream,
  options: MessageOptions,
): [optional: boolean, value: fc.Arbitrary<string>] {
  if ('record' in node) {
    const inside = membersAt(node.record.members, stream, options).chain((all) =>
      fc.tuple(fc.shuffledSubarray(all, { minLength: all.length }), spacing),
    );
    return [node.record.optional, inside.map(objectText)];
  }
  const field = stream.fields[node.field];
  if (field === undefined) return [true, fc.constant('null')];
  return [mayBeMissing(field), tokenOf(stream, field, options)];
}

/** A value that the field accepts, as JSON. */
function tokenOf(stream: Stream, field: Field, { logTime }: MessageOptions): fc.Arbitrary<string> {
  const { type } = field;
  switch (type.kind) {
    case 'int':
      return units(field).map(String);
    case 'decimal':
      return units(field).map((value) => decimalText(value, type.scale));
    case 'float':
      return fc
        .double({ min: (field.min ?? 0) * type.quantum, max: (field.max ?? 0) * type.quantum, noNaN: true })
        .map((x) => JSON.stringify(x));
    case 'boolean':
      return fc.constantFrom('true', 'false');
    case 'date':
      return instantBefore(field, logTime, 86_400_000).map((days) =>
        JSON.stringify(new Date(days * 86_400_000).toISOString().slice(0, 10)),
      );
    case 'instant': {
      const { min, max } = instantRange(type.unit);
      const perMs = unitsPerSecond[type.unit] / 1000;
      return instantBefore({ ...field, min: field.min ?? min, max: field.max ?? max }, logTime, 1 / perMs).chain(
        (value) => fc.constantFrom(String(value), isoText(value, perMs)),
      );
    }
    case 'enumeration':
      return fc.constantFrom(...type.values).map((value) => JSON.stringify(value));
    case 'bytes':
      return fc.uint8Array({ maxLength: Math.min(type.maxLength, 12) }).map((bytes) => JSON.stringify(base64Of(bytes)));
    case 'list': {
      const element = tokenOf(stream, { ...field, ...type.of }, { logTime });
      const maxLength = Math.min(type.maxItems, 5);
      const items = type.unique ? fc.uniqueArray(element, { maxLength: 1 }) : fc.array(element, { maxLength });
      return items.map((list) => `[${list.join(', ')}]`);
    }
    case 'uuid':
      return fc.uuid().map((value) => JSON.stringify(value));
    case 'text':
      return around(type, textOf(stream, type.maxLength, type.matches)).map((value) => JSON.stringify(value));
  }
}

function units(field: Field): fc.Arbitrary<number> {
  const min = Math.max(field.min ?? 0, Number.MIN_SAFE_INTEGER);
  const max = Math.min(field.max ?? 0, Number.MAX_SAFE_INTEGER);
  return fc.oneof(
    fc.integer({ min, max }),
    fc.integer({ min: Math.max(min, -10_000), max: Math.min(max, 10_000) }),
    fc.constantFrom(min, max),
  );
}

function decimalText(value: number, scale: number): string {
  const digits = String(Math.abs(value)).padStart(scale + 1, '0');
  const fraction = digits.slice(digits.length - scale);
  return `${value < 0 ? '-' : ''}${digits.slice(0, digits.length - scale)}${scale > 0 ? `.${fraction}` : ''}`;
}

/** Units of so many milliseconds in the week before. */
function instantBefore(field: Field, logTime: number, unitMs: number): fc.Arbitrary<number> {
  const latest = Math.min(Math.floor(logTime / unitMs), field.max ?? Infinity);
  const earliest = Math.max(Math.ceil((logTime - 7 * 86_400_000) / unitMs), field.min ?? -Infinity);
  return fc.integer({ min: Math.min(earliest, latest), max: latest });
}

function isoText(value: number, perMs: number): string {
  const ms = Math.floor(value / perMs);
  const rest = value - ms * perMs;
  const text = new Date(ms).toISOString();
  return JSON.stringify(perMs > 1 ? text.replace('Z', `${String(rest).padStart(3, '0')}Z`) : text);
}

/** Of a field that trims, with blanks around now and then; of one that changes letters, in the other case now and then. */
function around({ normal }: Field['type'] & { kind: 'text' }, texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  if (normal === undefined) return texts;
  const blanks = normal.trim ? fc.constantFrom('', '', ' ', '\t\n ', ' \r') : fc.constant('');
  const turned = (text: string): string =>
    text.replace(/[A-Za-z]/g, (letter) => (normal.letters === 'lower' ? letter.toUpperCase() : letter.toLowerCase()));
  return fc
    .tuple(blanks, texts, blanks, fc.boolean())
    .map(([before, text, after, other]) => before + (other && normal.letters !== null ? turned(text) : text) + after);
}

function textOf(stream: Stream, maxLength: number, pattern: string | null): fc.Arbitrary<string> {
  if (pattern !== null)
    return fc.stringMatching(new RegExp(`^(?:${pattern})$`, 'u')).filter((text) => [...text].length <= maxLength);
  const few = fc.nat({ max: 20 }).map((n) => `${stream.name}-${n}`.slice(-maxLength));
  return fc.oneof(few, fc.string({ unit: 'binary', maxLength }), fc.string({ unit: 'grapheme-ascii', maxLength }));
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const three = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += [18, 12, 6, 0].map((shift) => digits[(three >> shift) & 63]).join('');
  }
  const padding = (3 - (bytes.length % 3)) % 3;
  return text.slice(0, text.length - padding) + '='.repeat(padding);
}
