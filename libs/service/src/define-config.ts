import { readFileSync } from 'node:fs';
import { ServiceError } from './errors.ts';
import { type Origin, type RawSettings, flatten, readSetting, unknownNames } from './read-settings.ts';
import { environmentName, flagName } from './setting-names.ts';
import type { Setting } from './setting.ts';

/** Settings by dotted name in camel case, `store.dataFolder`; the parts are the nesting in twofold.config.ts. */
export type Settings = Readonly<Record<string, Setting<unknown>>>;

export type ConfigValues<S extends Settings> = {
  readonly [Name in keyof S]: S[Name] extends Setting<infer T> ? T : never;
};

export interface ExplainedSetting {
  readonly name: string;
  /** As a person would write it; asterisks for a secret, empty where it is not set. */
  readonly value: string;
  readonly origin: Origin;
  /** The flag, variable or file that decided, as it is written. */
  readonly from: string;
}

export interface Config<S extends Settings> {
  readonly values: ConfigValues<S>;
  explain(): readonly ExplainedSetting[];
  /** The secret values, for a logger to keep out of its lines. */
  secrets(): readonly string[];
}

export interface ConfigDefinition<S extends Settings> {
  readonly settings: S;
  /**
   * Reads every setting: flag before environment before file before default. Throws one `CONFIG_INVALID` that lists
   * all that is wrong, each with the ways to set it.
   */
  read(raw: Partial<RawSettings>): Config<S>;
  /** A Markdown table of all settings. */
  help(): string;
}

const mask = '********';

export function defineConfig<const S extends Settings>(settings: S): ConfigDefinition<S> {
  return {
    settings,
    read: (raw) => readConfig(settings, raw),
    help: () => helpTable(settings),
  };
}

function readConfig<S extends Settings>(settings: S, given: Partial<RawSettings>): Config<S> {
  const raw: RawSettings = {
    flags: {},
    environment: {},
    file: {},
    alsoKnown: [],
    readText: (path) => readFileSync(path, 'utf8'),
    ...given,
  };
  const file = flatten(raw.file, settings);
  const problems: { name: string; text: string }[] = [];
  const values: Record<string, unknown> = {};
  const explained: ExplainedSetting[] = [];
  const secrets: string[] = [];
  for (const [name, setting] of Object.entries(settings)) {
    const outcome = readSetting(name, setting, { ...raw, file });
    if ('problem' in outcome) {
      problems.push({ name, text: `${outcome.problem} ${waysToSet(name, setting)}` });
      continue;
    }
    const { value, text, origin, from } = outcome;
    values[name] = value;
    if (setting.secret && text !== '') secrets.push(text);
    explained.push({ name, value: setting.secret && text !== '' ? mask : text, origin, from });
  }
  problems.push(...unknownNames(settings, { ...raw, file }));
  if (problems.length > 0) throw configInvalid(problems);
  // Every name of S got a value of its type above, which the type checker can not follow through a loop.
  return { values: values as ConfigValues<S>, explain: () => explained, secrets: () => secrets };
}

function waysToSet(name: string, setting: Setting<unknown>): string {
  const variable = environmentName(name);
  return setting.secret
    ? `Set ${variable}, or ${variable}_FILE to the path of a file that holds it.`
    : `Set ${flagName(name)}, ${variable} or ${name} in twofold.config.ts.`;
}

function configInvalid(problems: readonly { name: string; text: string }[]): ServiceError {
  const count = problems.length === 1 ? '1 setting is wrong' : `${problems.length} settings are wrong`;
  const lines = problems.map(({ name, text }) => `  ${name}: ${text}`);
  return new ServiceError('CONFIG_INVALID', `${count}:\n${lines.join('\n')}`, {
    facts: { names: problems.map(({ name }) => name) },
  });
}

function helpTable(settings: Settings): string {
  const rows = Object.entries(settings).map(([name, setting]) => {
    const flag = setting.secret ? `\`${environmentName(name)}_FILE\`` : `\`${flagName(name)}\``;
    const { fallback } = setting;
    const initial = fallback === undefined ? 'required' : fallback.text === '' ? 'not set' : `\`${fallback.text}\``;
    const cells = [`\`${name}\``, setting.label, initial, setting.description, `\`${environmentName(name)}\``, flag];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  const head = [
    '| setting | type | default | what it does | environment | flag |',
    '| --- | --- | --- | --- | --- | --- |',
  ];
  return [...head, ...rows].join('\n');
}
