import path from 'node:path';
import { readCsv, type CsvRow } from './csv.ts';
import { aboutFiles, cutsOf, vintagesAt, type Cut } from './cuts.ts';
import { endOfDay, type Published, type PublishedRow, type RevisionSet } from './vintage.ts';

const columns = {
  hospitalized: 'ricoverati_con_sintomi',
  icu: 'terapia_intensiva',
  homeIsolation: 'isolamento_domiciliare',
  recovered: 'dimessi_guariti',
  deaths: 'deceduti',
  totalCases: 'totale_casi',
  tests: 'tamponi',
} as const;

/** The regions with all their corrections, beside the national series, which was published by itself. */
export function italySet(folder: string): RevisionSet | null {
  const events = readCsv(path.join(folder, 'revisions-italy', 'events.csv.gz'));
  const nation = readCsv(path.join(folder, 'revisions-italy', 'published', 'national-final.csv.gz'));
  if (events.length === 0 || nation.length === 0) return null;
  const all = cutsOf(events);
  const cuts = someOf(all);
  const settled = settledDays(events);
  return {
    name: 'Italy',
    about: aboutFiles(events, cuts, cuts.length),
    vintages: vintagesAt(cuts, events, {
      stream: 'italy-restatements',
      keyColumn: 'region',
      nameOf: ({ asOf }) => `Italy, files up to ${asOf}`,
      published: (cut) => [
        nationAt(nation, (day) => (settled.get(day) ?? Infinity) <= cut.lastSeq, cut === all.at(-1)),
      ],
    }),
  };
}

/** Five, the last two among them: after the national series there is still something that comes. */
function someOf(all: readonly Cut[]): Cut[] {
  const places = [0.25, 0.5, 0.75].map((share) => Math.floor(share * all.length));
  return all.filter((_, i) => places.includes(i) || i >= all.length - 2);
}

/** `seq` of the last restatement of each day: from there on its regions are, summed, what was published of the nation in the end. */
function settledDays(events: readonly CsvRow[]): ReadonlyMap<string, number> {
  return new Map(events.map((row) => [row['event_date'] ?? '', Number(row['seq'])]));
}

function nationAt(nation: readonly CsvRow[], isSettled: (day: string) => boolean, whole: boolean): Published {
  const rows = nation.flatMap((row): PublishedRow[] => {
    const day = (row['data'] ?? '').slice(0, 10);
    const values = Object.entries(columns).map(([name, column]) => [name, Number(row[column])] as const);
    return isSettled(day) ? [{ key: {}, windowEnd: endOfDay(day), values: Object.fromEntries(values) }] : [];
  });
  return { view: 'italyNation', rounded: false, whole, rows };
}
