import { compareKeys, decodeKey, encodeKey, type KeyValue, type View } from '@twofold/views';
import { ReadError } from './errors.ts';
import { keyValueOf } from './value-forms.ts';

type Given = string | number | boolean;

/** What a client says of one dimension: exactly one of these. */
export interface KeyFilter {
  readonly eq?: Given | null;
  readonly in?: readonly Given[] | null;
  readonly isNull?: boolean | null;
}

/** The `key` argument: filters by dimension. */
export type KeyArgument = Readonly<Record<string, KeyFilter | null | undefined>>;

export interface KeySelection {
  /** Key bytes, each once, rising; null: every key that `accepts` takes. */
  readonly keys: readonly Uint8Array[] | null;
  readonly accepts: ((key: Uint8Array) => boolean) | null;
}

/** A read of more keys is refused. */
const MAX_KEYS = 1_000;

/** The keys that an argument names by one of the view's access paths. Throws KEY_INVALID, TOO_MANY_ROWS. */
export function selectKeys(view: View, argument: KeyArgument | null | undefined): KeySelection {
  const given = new Map<string, readonly KeyValue[]>();
  for (const [name, filter] of Object.entries(argument ?? {}))
    if (filter !== null && filter !== undefined) given.set(name, valuesOf(view, name, filter));
  if (!view.serve.some(({ key }) => key.length === given.size && key.every((name) => given.has(name))))
    throw new ReadError('KEY_INVALID', `key: view ${view.name} is read by ${pathsText(view)}`);
  const perDimension = view.dimensions.map(({ name }) => given.get(name) ?? null);
  if (perDimension.every((values) => values === null))
    return { keys: view.dimensions.length === 0 ? [encodeKey(view, [])] : null, accepts: null };
  if (perDimension.some((values) => values === null)) return { keys: null, accepts: acceptsValues(view, perDimension) };
  let keys: KeyValue[][] = [[]];
  for (const values of perDimension) {
    keys = (values ?? []).flatMap((value) => keys.map((key) => [...key, value]));
    if (keys.length > MAX_KEYS) throw tooManyKeys(view, keys.length);
  }
  const bytes = keys.map((key) => encodeKey(view, key)).sort(compareKeys);
  return { keys: bytes.filter((key, i) => i === 0 || compareKeys(key, bytes[i - 1] ?? key) !== 0), accepts: null };
}

function acceptsValues(view: View, wanted: readonly (readonly KeyValue[] | null)[]): (key: Uint8Array) => boolean {
  const sets = wanted.map((values) => (values === null ? null : new Set(values)));
  return (key) => decodeKey(view, key).every((value, i) => sets[i]?.has(value) ?? true);
}

function valuesOf(view: View, name: string, filter: KeyFilter): readonly KeyValue[] {
  const dimension = view.dimensions.find((one) => one.name === name);
  if (dimension === undefined) throw new ReadError('KEY_INVALID', `key: view ${view.name} has no dimension ${name}`);
  const { eq, in: list, isNull } = filter;
  const asked = [eq, list, isNull].filter((one) => one !== undefined && one !== null);
  if (asked.length !== 1 || isNull === false)
    throw new ReadError('KEY_INVALID', `key.${name}: give exactly one of eq, in and isNull: true`);
  if (isNull === true) return [null];
  const values = list ?? (eq === undefined || eq === null ? [] : [eq]);
  if (values.length > MAX_KEYS) throw tooManyKeys(view, values.length);
  return values.map((value) => {
    const units = keyValueOf(dimension.expr.type, value);
    if (units !== undefined) return units;
    throw new ReadError(
      'KEY_INVALID',
      `key.${name}: ${JSON.stringify(value)} can not be a value of this dimension, which is a ${dimension.expr.type.kind}`,
    );
  });
}

function tooManyKeys(view: View, keys: number): ReadError {
  return new ReadError(
    'TOO_MANY_ROWS',
    `key: ${keys} keys of view ${view.name} are asked for, and at most ${MAX_KEYS} are read at once`,
    { facts: { keys } },
  );
}

function pathsText(view: View): string {
  return view.serve.map(({ key }) => (key.length === 0 ? 'no key at all' : `{ ${key.join(', ')} }`)).join(' or by ');
}
