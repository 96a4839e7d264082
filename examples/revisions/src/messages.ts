import type { CsvRow } from './csv.ts';
import type { RevisionMessage } from './vintage.ts';

const encoder = new TextEncoder();
const texts = new Set(['as_of', 'event_date', 'event_month', 'area', 'region', 'op']);

/** An event of a table as a message: numbers as they are written, a blank left out. */
export function messageOf(stream: string, row: CsvRow, keyColumn: string): RevisionMessage {
  const members = Object.entries(row).flatMap(([name, cell]) => {
    if (cell === '') return [];
    return [`${JSON.stringify(name)}:${texts.has(name) ? JSON.stringify(valueOf(name, cell)) : cell}`];
  });
  return {
    stream,
    key: encoder.encode(valueOf(keyColumn, row[keyColumn] ?? '')),
    value: encoder.encode(`{${members.join(',')}}`),
  };
}

/** A month is told by its first day. */
function valueOf(name: string, cell: string): string {
  return name === 'event_month' ? `${cell}-01` : cell;
}
