import { environmentName, flagName, nearest } from './setting-names.ts';
import type { Setting, Shown } from './setting.ts';

export type Origin = 'flag' | 'environment' | 'file' | 'default';

/** Where settings come from, before anything is checked. */
export interface RawSettings {
  /** By flag name without dashes, `store-data-folder`; or by setting name. `undefined` is not set. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The settings object of twofold.config.ts, nested. */
  readonly file: Readonly<Record<string, unknown>>;
  /** `TWOFOLD_…` variables that belong to somebody else. */
  readonly alsoKnown: readonly string[];
  /** Reads the file that a `TWOFOLD_…_FILE` variable names. */
  readonly readText: (path: string) => string;
}

type Outcome = (Shown<unknown> & { readonly origin: Origin; readonly from: string }) | { readonly problem: string };

/** A raw value with the place that gave it. */
interface Found {
  readonly raw: unknown;
  readonly origin: Origin;
  readonly from: string;
}

/** Turns the nesting of the file object into dotted names, down to where a setting's own value begins. */
export function flatten(
  nested: Readonly<Record<string, unknown>>,
  settings: Readonly<Record<string, unknown>>,
  prefix = '',
): Record<string, unknown> {
  const flat: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(nested)) {
    const name = prefix + key;
    const isGroup = !Object.hasOwn(settings, name) && isPlainObject(value);
    if (isGroup) Object.assign(flat, flatten(value, settings, `${name}.`));
    else if (value !== undefined) flat[name] = value;
  }
  return flat;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One setting's value by precedence, or the sentence that says what is wrong with it. */
export function readSetting(name: string, setting: Setting<unknown>, raw: RawSettings): Outcome {
  const found = find(name, setting, raw);
  if (found === undefined) {
    if (setting.fallback === undefined) return { problem: `is not set. ${setting.description}` };
    return { ...setting.fallback, origin: 'default', from: '' };
  }
  if ('problem' in found) return found;
  const read = setting.read(found.raw);
  if (!('expected' in read)) return { ...read, origin: found.origin, from: found.from };
  const value = setting.secret ? 'what was given' : quoted(found.raw);
  return { problem: `${value} (from ${found.from}) is not ${read.expected}.` };
}

function quoted(raw: unknown): string {
  return typeof raw === 'bigint' ? `${raw}n` : (JSON.stringify(raw) ?? String(raw));
}

function find(name: string, setting: Setting<unknown>, raw: RawSettings): Found | { problem: string } | undefined {
  const flag = flagName(name);
  const flagValue = raw.flags[flag.slice(2)] ?? raw.flags[name];
  if (flagValue !== undefined) {
    if (setting.secret) return { problem: `is a secret: ${flag} would show it to everybody on this machine.` };
    return { raw: flagValue, origin: 'flag', from: flag };
  }
  const variable = environmentName(name);
  const value = raw.environment[variable];
  const path = setting.secret ? raw.environment[`${variable}_FILE`] : undefined;
  if (value !== undefined && path !== undefined)
    return { problem: `is set twice, by ${variable} and ${variable}_FILE.` };
  if (path !== undefined) return secretFile(path, `${variable}_FILE`, raw.readText);
  if (value !== undefined) return { raw: value, origin: 'environment', from: variable };
  if (Object.hasOwn(raw.file, name)) return { raw: raw.file[name], origin: 'file', from: 'twofold.config.ts' };
  return undefined;
}

function secretFile(path: string, variable: string, readText: (path: string) => string): Found | { problem: string } {
  try {
    return { raw: readText(path).replace(/\r?\n$/, ''), origin: 'environment', from: variable };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { problem: `${variable} names a file that can not be read: ${reason}.` };
  }
}

/** Names that nobody knows are probably slips; taking no notice of them would be the worst answer. */
export function unknownNames(
  settings: Readonly<Record<string, Setting<unknown>>>,
  raw: RawSettings,
): { name: string; text: string }[] {
  const names = Object.keys(settings);
  const secrets = names.filter((name) => settings[name]?.secret);
  const variables = [...names.map(environmentName), ...secrets.map((name) => `${environmentName(name)}_FILE`)];
  const knownVariables = new Set([...variables, ...raw.alsoKnown]);
  const wrong = [
    ...Object.keys(raw.file)
      .filter((name) => !names.includes(name))
      .map((name) => ({ name, known: names, where: 'in twofold.config.ts' })),
    ...Object.keys(raw.environment)
      .filter((name) => name.startsWith('TWOFOLD_') && !knownVariables.has(name))
      .map((name) => ({ name, known: variables, where: 'in the environment' })),
  ];
  return wrong.map(({ name, known, where }) => {
    const meant = nearest(name, known);
    return { name, text: `is not a setting (${where}).${meant === undefined ? '' : ` Did you mean ${meant}?`}` };
  });
}
