import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { latestSlot, nextSlot, parseCron } from '@twofold/schedules';
import { describe, expect, it } from 'vitest';

interface Vectors {
  readonly activation: readonly { readonly time: string; readonly spec: string; readonly fires: boolean }[];
  readonly next: readonly {
    readonly after: string;
    readonly tz: string | null;
    readonly spec: string;
    readonly next: string | null;
  }[];
  readonly invalid: readonly string[];
}

const dataSets = process.env['TWOFOLD_DATA_SETS'];
const whole = path.join(dataSets ?? '.', 'cron-vectors/vectors.json');
const there = dataSets !== undefined && existsSync(whole);

/** A time that names an offset is local time of somewhere. */
const zoneOf = ({ tz, after }: Vectors['next'][number]): string | null =>
  tz ?? /[+-]\d\d:\d\d$/.exec(after)?.[0] ?? null;

/** How many facts were met: those in UTC by their slots, zoned ones by the refusal. */
function check({ activation, next, invalid }: Vectors): { utc: number; zoned: number; invalid: number } {
  const wrong: string[] = [];
  const counts = { utc: 0, zoned: 0, invalid: 0 };
  const say = (fact: unknown, found: unknown): void => void wrong.push(`${JSON.stringify(fact)}: ${String(found)}`);
  for (const fact of activation) {
    const time = Date.parse(`${fact.time}Z`);
    const fires = latestSlot(parseCron(fact.spec), time) === time;
    if (fires !== fact.fires) say(fact, fires);
    counts.utc++;
  }
  for (const fact of next) {
    const zone = zoneOf(fact);
    if (zone === null) {
      const found = nextSlot(parseCron(fact.spec), Date.parse(`${fact.after}Z`));
      if (found !== (fact.next === null ? null : Date.parse(`${fact.next}Z`))) say(fact, found);
      counts.utc++;
    } else {
      for (const expression of [`TZ=${zone} ${fact.spec}`, `CRON_TZ=${zone} ${fact.spec}`, `${fact.spec} ${zone}`])
        if (!/CRON_ZONED|CRON_INVALID/.test(refusalOf(expression))) say(fact, expression);
      if (refusalOf(`TZ=${zone} ${fact.spec}`) !== 'CRON_ZONED') say(fact, 'not refused for its zone');
      counts.zoned++;
    }
  }
  for (const expression of invalid) {
    if (refusalOf(expression) !== 'CRON_INVALID') say(expression, 'is taken');
    counts.invalid++;
  }
  expect(wrong).toEqual([]);
  return counts;
}

function refusalOf(expression: string): string {
  try {
    parseCron(expression);
    return 'none';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'another error';
  }
}

describe('a cron expression', () => {
  it('means what the facts kept here say; in a zone it is refused with the reason', () => {
    const kept = JSON.parse(readFileSync(path.join(import.meta.dirname, 'data/cron-vectors.json'), 'utf8')) as Vectors;
    expect(check(kept)).toEqual({ utc: 50, zoned: 10, invalid: 4 });
    expect(() => parseCron('TZ=Europe/Vienna 30 2 * * *')).toThrow(/skips an hour and repeats an hour.*in UTC/);
  });

  const reason = there ? '' : ' (skipped: TWOFOLD_DATA_SETS names no folder with the vectors)';
  it.skipIf(!there)(`means what the whole set of facts says${reason}`, () => {
    const counts = check(JSON.parse(readFileSync(whole, 'utf8')) as Vectors);
    expect(counts).toEqual({ utc: 50, zoned: 41, invalid: 4 });
  });
});
