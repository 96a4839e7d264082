import path from 'node:path';
import { readCsv } from './csv.ts';
import { messageOf } from './messages.ts';
import { endOfDay, type RevisionSet } from './vintage.ts';

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
  const rows = nation.map((row) => ({
    key: {},
    windowEnd: endOfDay((row['data'] ?? '').slice(0, 10)),
    values: Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, Number(row[column])])),
  }));
  return {
    name: 'Italy',
    about: `${events.length} restatements of regions, a national series of ${nation.length} days`,
    vintages: [
      {
        name: 'Italy, the national series',
        messages: () => events.map((row) => messageOf('italy-restatements', row, 'region')),
        published: () => [{ view: 'italyNation', rounded: false, whole: false, rows }],
      },
    ],
  };
}
