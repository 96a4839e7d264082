import { fileURLToPath } from 'node:url';
import { co2Set } from './co2-set.ts';
import { italySet } from './italy-set.ts';
import { nycSet } from './nyc-set.ts';
import type { RevisionSet } from './vintage.ts';

const extract = fileURLToPath(new URL('../data', import.meta.url));
const makers = { 'revisions-nyc': nycSet, 'revisions-italy': italySet, 'revisions-co2': co2Set } as const;

/**
 * The sets that lie in a folder; null: the extract that comes with the example. What is not there is named in
 * `missing`.
 *
 * @param everyFile also those that are not here are compared, with the oracle, and not only one between two that are
 */
export function revisionSets(
  folder: string | null,
  everyFile = false,
): {
  readonly sets: readonly RevisionSet[];
  readonly missing: readonly string[];
} {
  const sets: RevisionSet[] = [];
  const missing: string[] = [];
  for (const [name, make] of Object.entries(makers)) {
    const set = make(folder ?? extract, everyFile);
    if (set === null) missing.push(name);
    else sets.push(set);
  }
  return { sets, missing };
}
