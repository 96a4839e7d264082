import path from 'node:path';
import { readCsv, type CsvRow } from './csv.ts';
import { aboutFiles, cutsOf, publishedFiles, vintagesAt, cutsToCompare } from './cuts.ts';
import { endOfDay, type Published, type RevisionSet } from './vintage.ts';

/** The monthly file as it was published at each of some vintages. */
export function co2Set(folder: string, everyFile: boolean): RevisionSet | null {
  const own = path.join(folder, 'revisions-co2');
  const events = readCsv(path.join(own, 'events.csv.gz'));
  if (events.length === 0) return null;
  const files = publishedFiles(own);
  const cuts = cutsToCompare(cutsOf(events), files, everyFile);
  const fileAt = (lastSeq: number) => files.find((file) => file.lastSeq === lastSeq);
  return {
    name: 'CO2',
    about: aboutFiles(events, cuts, files.length),
    vintages: vintagesAt(cuts, events, {
      stream: 'co2-restatements',
      keyColumn: 'event_month',
      nameOf: ({ asOf, lastSeq }) => `CO2, ${fileAt(lastSeq)?.name ?? 'file'} of ${asOf}`,
      published: ({ lastSeq }) => {
        const rows = fileAt(lastSeq)?.rows;
        return rows === undefined ? [] : [months(rows)];
      },
    }),
  };
}

function months(rows: readonly CsvRow[]): Published {
  return {
    view: 'co2Month',
    rounded: false,
    whole: true,
    rows: rows.map((row) => ({
      key: {},
      windowEnd: endOfDay(`${(row['Date'] ?? '').slice(0, 7)}-01`),
      values: {
        average: Number(row['Average']),
        interpolated: Number(row['Interpolated']),
        trend: Number(row['Trend']),
      },
    })),
  };
}
