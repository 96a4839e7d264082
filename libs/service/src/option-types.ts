import { parseDuration } from '@twofold/schemas';

/** What reading a value gives: the value, or the words that finish the sentence "… is not". */
export type Parsed<T> = { readonly value: T } | { readonly expected: string };

/** How one kind of setting is read from text (flag, environment) or from a typed value (twofold.config.ts). */
export interface OptionType<T> {
  /** One word or two for the help table. */
  readonly label: string;
  /** A flag of this type stands alone: `--verbose`. */
  readonly standsAlone?: boolean;
  parse(raw: unknown): Parsed<T>;
  /** The way a person would write the value. */
  show(value: T): string;
}

export function text(): OptionType<string> {
  return {
    label: 'text',
    parse: (raw) =>
      typeof raw === 'string' && raw !== '' ? { value: raw } : { expected: 'a text of at least one character' },
    show: (value) => value,
  };
}

export function integer(range: { min?: number; max?: number } = {}): OptionType<number> {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = range;
  const expected = `a whole number${bounds(range)}`;
  return {
    label: 'number',
    parse: (raw) => {
      const value = typeof raw === 'string' && /^[+-]?\d{1,16}$/.test(raw) ? Number(raw) : raw;
      const fits = typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;
      return fits ? { value } : { expected };
    },
    show: String,
  };
}

function bounds({ min, max }: { min?: number; max?: number }): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? '' : ` of at most ${max}`;
}

/** A TCP port; 0 lets the machine choose. */
export function port(): OptionType<number> {
  return { ...integer({ min: 0, max: 65_535 }), label: 'port' };
}

export function toggle(): OptionType<boolean> {
  const words = new Map<unknown, boolean>([
    [true, true],
    ['true', true],
    ['1', true],
    [false, false],
    ['false', false],
    ['0', false],
  ]);
  return {
    label: 'true/false',
    standsAlone: true,
    parse: (raw) => {
      const value = words.get(raw);
      return value === undefined ? { expected: 'true or false' } : { value };
    },
    show: String,
  };
}

/** A length of time, written with its unit; the value is in milliseconds. */
export function duration({
  min = 0,
  max = Infinity,
}: { readonly min?: number; readonly max?: number } = {}): OptionType<number> {
  const between = min > 0 || max < Infinity ? `, from ${showDuration(min)} to ${showDuration(max)}` : '';
  const expected = `a duration such as '250ms', '30s' or '5m'${between}`;
  return {
    label: 'duration',
    parse: (raw) => {
      if (typeof raw !== 'string') return { expected };
      try {
        const value = parseDuration(raw);
        return value < min || value > max ? { expected } : { value };
      } catch {
        return { expected };
      }
    },
    show: showDuration,
  };
}

function showDuration(ms: number): string {
  const [size, unit] = durationUnits.find(([unitMs]) => ms % unitMs === 0) ?? [1, 'ms'];
  return `${ms / size}${unit}`;
}

const durationUnits: readonly (readonly [number, string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1_000, 's'],
  [1, 'ms'],
];

const sizeUnits = { B: 1, kB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30 } as const;

/** An amount of memory or disk, written with its unit (powers of 1024); the value is in bytes. */
export function size(): OptionType<number> {
  return {
    label: 'size',
    parse: (raw) => {
      const [, digits, unit] = typeof raw === 'string' ? (/^(\d{1,9})(B|kB|MB|GB)$/.exec(raw) ?? []) : [];
      if (digits === undefined || !isSizeUnit(unit)) return { expected: "a size such as '64kB', '512MB' or '2GB'" };
      return { value: Number(digits) * sizeUnits[unit] };
    },
    show: (bytes) => {
      const [unit, unitBytes] = Object.entries(sizeUnits).findLast(([, each]) => bytes % each === 0) ?? ['B', 1];
      return `${bytes / unitBytes}${unit}`;
    },
  };
}

function isSizeUnit(unit: string | undefined): unit is keyof typeof sizeUnits {
  return unit !== undefined && Object.hasOwn(sizeUnits, unit);
}

export function oneOf<const Word extends string>(...words: readonly Word[]): OptionType<Word> {
  return {
    label: words.join('|'),
    parse: (raw) => {
      const value = words.find((word) => word === raw);
      return value === undefined ? { expected: `one of ${words.join(', ')}` } : { value };
    },
    show: (value) => value,
  };
}

/** An http or https address. */
export function address(): OptionType<string> {
  return {
    label: 'address',
    parse: (raw) => {
      const url = typeof raw === 'string' ? URL.parse(raw) : null;
      const fits = url !== null && (url.protocol === 'http:' || url.protocol === 'https:');
      return fits ? { value: url.href } : { expected: 'an address that starts with http:// or https://' };
    },
    show: (value) => value,
  };
}

/** Several values: an array in the file, separated by commas elsewhere. */
export function list<T>(item: OptionType<T>): OptionType<readonly T[]> {
  return {
    label: `${item.label}, …`,
    parse: (raw) => {
      const items: readonly unknown[] = Array.isArray(raw)
        ? raw
        : typeof raw === 'string'
          ? splitList(raw)
          : [undefined];
      const values: T[] = [];
      for (const each of items) {
        const parsed = item.parse(each);
        if ('expected' in parsed) return { expected: `a list, each ${parsed.expected}` };
        values.push(parsed.value);
      }
      return { value: values };
    },
    show: (values) => values.map((value) => item.show(value)).join(','),
  };
}

function splitList(raw: string): readonly string[] {
  return raw.trim() === '' ? [] : raw.split(',').map((item) => item.trim());
}
