import type { Columns } from '../src/index.ts';

/** The columns as plain values: what is undefined where null or rejected is left out. */
export function seen(columns: Columns): unknown {
  const rows = Array.from({ length: columns.count }, (_, row) => {
    if (columns.classes[row] !== 0) return columns.classes[row];
    return {
      offset: columns.offsets[row],
      time: columns.times[row],
      eventTime: columns.eventTimes[row],
      values: columns.fields.map((column) => {
        if (column.kind === 'number') return column.valid[row] === 1 ? column.values[row] : null;
        const id = column.ids[row] ?? -1;
        return id === -1 ? null : [id, column.dictionary.text(id)];
      }),
    };
  });
  return { rows, rejections: columns.rejections, partition: columns.partition, nextOffset: columns.nextOffset };
}
