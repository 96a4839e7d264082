import type { OptionType } from './option-types.ts';

/** A value and the text a person would write for it. */
export interface Shown<T> {
  readonly value: T;
  readonly text: string;
}

/** One option, described once: help, environment name, flag, messages and types follow from this. */
export interface Setting<T> {
  /** One word or two for the help table. */
  readonly label: string;
  readonly description: string;
  /** Never shown, and not settable by a flag; `TWOFOLD_…_FILE` may name a file that holds it. */
  readonly secret: boolean;
  /** Taken when nobody sets it. A setting without one has to be set. */
  readonly fallback: Shown<T> | undefined;
  read(raw: unknown): Shown<T> | { readonly expected: string };
}

export interface SettingWords<T> {
  /** One sentence that says what the setting does. */
  readonly description: string;
  readonly default?: NoInfer<T>;
  readonly secret?: boolean;
}

/** A setting that always has a value: the default, or what somebody has to give where there is none. */
export function option<T>(type: OptionType<T>, words: SettingWords<T>): Setting<T> {
  const shown = (value: T): Shown<T> => ({ value, text: type.show(value) });
  return {
    label: type.label,
    description: words.description,
    secret: words.secret ?? false,
    fallback: words.default === undefined ? undefined : shown(words.default),
    read: (raw) => {
      const parsed = type.parse(raw);
      return 'expected' in parsed ? parsed : shown(parsed.value);
    },
  };
}

/** A setting that may stay unset, and is then `null`; `null` in twofold.config.ts unsets it. */
export function optional<T>(type: OptionType<T>, words: Omit<SettingWords<T>, 'default'>): Setting<T | null> {
  const set = option<T>(type, words);
  const unset: Shown<null> = { value: null, text: '' };
  return { ...set, fallback: unset, read: (raw) => (raw === null ? unset : set.read(raw)) };
}
