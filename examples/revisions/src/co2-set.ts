import path from 'node:path';
import { readCsv, type CsvRow } from './csv.ts';
import { messageOf } from './messages.ts';
import { endOfDay, type Published, type RevisionSet, type Vintage } from './vintage.ts';

/** The monthly file as it was published at each of some vintages. */
export function co2Set(folder: string): RevisionSet | null {
  const events = readCsv(path.join(folder, 'revisions-co2', 'events.csv.gz'));
  if (events.length === 0) return null;
  let done = 0;
  const vintages = readCsv(path.join(folder, 'revisions-co2', 'vintages.csv')).flatMap((listed): Vintage[] => {
    const file = `vintage-${(listed['vintage'] ?? '').padStart(3, '0')}.csv.gz`;
    const rows = readCsv(path.join(folder, 'revisions-co2', 'published', file));
    if (rows.length === 0) return [];
    const [from, to] = [done, Number(listed['last_seq'])];
    done = to;
    const wanted = events.filter((row) => Number(row['seq']) > from && Number(row['seq']) <= to);
    return [
      {
        name: `CO2, file ${listed['vintage']} of ${listed['as_of']}`,
        messages: () => wanted.map((row) => messageOf('co2-restatements', row, 'event_month')),
        published: () => [months(rows)],
      },
    ];
  });
  return { name: 'CO2', about: `${events.length} restatements, ${vintages.length} published files`, vintages };
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
