import path from 'node:path';
import { readCsv, type CsvRow } from './csv.ts';
import { aboutFiles, cutsOf, publishedFiles, vintagesAt, cutsToCompare } from './cuts.ts';
import { endOfDay, type Published, type PublishedRow, type RevisionSet } from './vintage.ts';

/** Column names of an area; the city's have none in front. */
const measures = {
  day: { cases: 'CASE_COUNT', hospitalized: 'HOSPITALIZED_COUNT', deaths: 'DEATH_COUNT' },
  week: { cases: 'CASE_COUNT_7DAY_AVG', hospitalized: 'HOSPITALIZED_COUNT_7DAY_AVG', deaths: 'DEATH_COUNT_7DAY_AVG' },
} as const;
const areas = { NYC: '', BX: 'BX_', BK: 'BK_', MN: 'MN_', QN: 'QN_', SI: 'SI_' } as const;

/** The city's file as it was published at each of some vintages: counts, and means of seven days. */
export function nycSet(folder: string, everyFile: boolean): RevisionSet | null {
  const own = path.join(folder, 'revisions-nyc');
  const events = readCsv(path.join(own, 'events.csv.gz'));
  if (events.length === 0) return null;
  const files = publishedFiles(own);
  const cuts = cutsToCompare(cutsOf(events), files, everyFile);
  const fileAt = (lastSeq: number) => files.find((file) => file.lastSeq === lastSeq);
  return {
    name: 'New York City',
    about: aboutFiles(events, cuts, files.length),
    vintages: vintagesAt(cuts, events, {
      stream: 'nyc-restatements',
      keyColumn: 'area',
      nameOf: ({ asOf, lastSeq }) => `NYC, ${fileAt(lastSeq)?.name ?? 'file'} of ${asOf}`,
      published: ({ lastSeq }) => {
        const rows = fileAt(lastSeq)?.rows;
        return rows === undefined ? [] : [days(rows), weeks(rows)];
      },
    }),
  };
}

function days(rows: readonly CsvRow[]): Published {
  return { view: 'nycDay', rounded: false, whole: true, rows: rowsOf(rows, measures.day) };
}

/** The first six days of a file have no seven days before them: the publisher leaves their means at 0. */
function weeks(rows: readonly CsvRow[]): Published {
  return { view: 'nycWeek', rounded: true, whole: false, rows: rowsOf(rows.slice(6), measures.week) };
}

function rowsOf(rows: readonly CsvRow[], columns: Readonly<Record<string, string>>): PublishedRow[] {
  return rows.flatMap((row) =>
    Object.entries(areas).flatMap(([area, prefix]): PublishedRow[] => {
      const cells = Object.entries(columns).map(([name, column]) => [name, row[columnOf(prefix, column)]] as const);
      if (cells.some(([, cell]) => cell === undefined)) return [];
      const [month, day, year] = (row['date_of_interest'] ?? '').split('/');
      const values = Object.fromEntries(cells.map(([name, cell]) => [name, Number(cell)]));
      return [{ key: { area }, windowEnd: endOfDay(`${year}-${month}-${day}`), values }];
    }),
  );
}

/** The city's own means have a shorter name. */
function columnOf(prefix: string, column: string): string {
  return prefix === '' && column === 'HOSPITALIZED_COUNT_7DAY_AVG' ? 'HOSP_COUNT_7DAY_AVG' : `${prefix}${column}`;
}
