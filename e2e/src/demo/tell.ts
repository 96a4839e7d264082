import type { Proof } from '../server-project.ts';

/** Writes a line for people. */
export const say = (line: string): void => void process.stdout.write(`${line}\n`);
export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** Says how answers compare with the oracle's; true when they are equal. */
export function tell({ applied, views }: Proof): boolean {
  for (const { view, rows, difference } of views)
    say(
      `  ${view}: ${rows.MERGED} merged, ${rows.BATCH} batch and ${rows.SPEED} speed rows over ${applied} events: ` +
        (difference ?? 'equal to the oracle'),
    );
  return views.every(({ difference }) => difference === null);
}
