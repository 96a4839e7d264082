import type { Command } from 'commander';
import { CliError } from './errors.ts';
import type { CliSettings, settings } from './settings.ts';

/** What a command gets: where the project is, every setting, and its own options. */
export interface Call<Options> {
  readonly project: string;
  readonly json: boolean;
  readonly config: ReturnType<typeof settings.read>;
  readonly values: CliSettings;
  readonly options: Options;
}

/** Adds a command; `names` are the settings that its flags can give. */
export type AddCommand = <Options>(
  usage: string,
  about: string,
  names: readonly (keyof CliSettings)[],
  run: (call: Call<Options>, ...args: string[]) => Promise<number> | number,
) => Command;

/** @throws WRONG_USAGE */
export function whole(flag: string, given: string): number {
  const found = Number(given);
  if (Number.isInteger(found) && found > 0) return found;
  throw new CliError('WRONG_USAGE', `${flag} takes a whole number above 0, not ${given}`);
}
