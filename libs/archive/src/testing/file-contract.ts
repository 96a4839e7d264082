import { expect, it } from 'vitest';
import type { ArchivedColumns } from '../archived-columns.ts';
import { sha256 } from '../content-hash.ts';
import { describeBatch, describeColumns, machineStream, makeRows } from './archive-fixtures.ts';
import { commitAll, filled, refusal, stream, writeFile } from './archive-harness.ts';
import type { MakeArchive } from './archive-harness.ts';

/** What goes in comes out, whole, and only when it is complete. */
export function fileContract(make: MakeArchive): void {
  it('gives back bytes, times and offsets as they went in, control positions too', { timeout: 30_000 }, async () => {
    const { archive } = await make({ keepBytes: true });
    for (let seed = 1; seed <= 20; seed++) {
      const rows = makeRows(seed, seed % 3, 1000 + seed, 150, seed % 4 === 0 ? 0.6 : 0.05);
      const file = await writeFile(archive, rows, 1 + (seed % 5));
      const batch = await archive.read(stream, file, file.from, file.to);
      expect(describeBatch(batch), `seed ${seed}`).toEqual(describeBatch(rows.batch));
    }
  });

  it('gives back typed columns, classes and rejections as values', { timeout: 30_000 }, async () => {
    const { archive } = await make({ keepBytes: true });
    for (let seed = 21; seed <= 40; seed++) {
      const rows = makeRows(seed, 0, 500, 120);
      const file = await writeFile(archive, rows, 3);
      const columns = await archive.readColumns(stream, file);
      expect([columns.partition, columns.from, columns.to]).toEqual([0, 500, 620]);
      expect(describeArchived(columns), `seed ${seed}`).toEqual(describeColumns(rows.columns));
    }
  });

  it('gives them in batches too, which are the whole when they are put together', async () => {
    const { archive } = await make({ keepBytes: true });
    const rows = makeRows(91, 0, 500, 120);
    const file = await writeFile(archive, rows, 3);
    const parts: unknown[] = [];
    for await (const batch of archive.columnBatches(stream, file))
      parts.push(...(describeArchived(batch) as unknown[]));
    expect(parts).toEqual(describeColumns(rows.columns));
  });

  it('gives every row of the event times that are asked for, and says before how many it will read', async () => {
    const { archive } = await make({ keepBytes: true });
    const file = await writeFile(archive, makeRows(92, 0, 500, 120), 3);
    const { eventTimes, offsets } = await archive.readColumns(stream, file);
    const times = [...eventTimes].filter((time) => !Number.isNaN(time)).sort((a, b) => a - b);
    const [first = 0, middle = 0, last = 0] = [times[0], times[times.length >> 1], times.at(-1)];
    const asked = [
      { from: first, to: middle },
      { from: middle, to: last + 1 },
      { from: -Infinity, to: first },
      { from: last + 1, to: Infinity },
    ];
    for (const within of asked) {
      const given: number[] = [];
      for await (const batch of archive.columnBatches(stream, file, within)) given.push(...batch.offsets);
      expect(await archive.recordsWithin(stream, file, within)).toBe(given.length);
      const due = [...offsets].filter(
        (_, row) => (eventTimes[row] ?? 0) >= within.from && (eventTimes[row] ?? 0) < within.to,
      );
      expect(given.filter((offset) => due.includes(offset))).toEqual(due);
      if (due.length === 0) expect(given).toEqual([]);
    }
  });

  it('takes rows of several batches whose dictionaries differ', async () => {
    const { archive } = await make({ keepBytes: true });
    const parts = [makeRows(51, 0, 0, 50), makeRows(52, 0, 50, 50), makeRows(53, 0, 100, 50)];
    const writer = archive.create(stream, 0, 0);
    for (const { batch, columns } of parts) writer.append(batch, columns, 0, columns.count, columns.nextOffset);
    const columns = await archive.readColumns(stream, await writer.finish());
    expect(describeArchived(columns)).toEqual(parts.flatMap((part) => describeColumns(part.columns) as unknown[]));
  });

  it('copies what it appends: the batch may be overwritten at once', async () => {
    const { archive } = await make({ keepBytes: true });
    const { batch, columns } = makeRows(61, 0, 0, 80);
    const expected = [describeBatch(batch), describeColumns(columns)];
    const writer = archive.create(stream, 0, 0);
    writer.append(batch, columns, 0, columns.count, columns.nextOffset);
    for (const array of [batch.bytes, columns.offsets, columns.times, columns.classes, columns.eventTimes])
      array.fill(9);
    for (const field of columns.fields) {
      if (field.kind === 'number') field.values.fill(5);
      else field.ids.fill(0);
    }
    const file = await writer.finish();
    const read = await archive.read(stream, file, 0, 80);
    expect([describeBatch(read), describeArchived(await archive.readColumns(stream, file))]).toEqual(expected);
  });

  it('reads any part of a file, up to the end asked for or the file’s', async () => {
    const { archive } = await make({ keepBytes: true });
    const rows = makeRows(71, 0, 200, 100);
    const file = await writeFile(archive, rows);
    const whole = describeBatch(rows.batch) as { records: [number, ...unknown[]][] };
    for (const [from, to] of [
      [200, 300],
      [200, 201],
      [250, 260],
      [299, 300],
      [260, 9999],
      [250, 250],
    ] as const) {
      const part = describeBatch(await archive.read(stream, file, from, to)) as {
        baseOffset: number;
        nextOffset: number;
        records: unknown[];
      };
      expect([part.baseOffset, part.nextOffset]).toEqual([from, Math.min(to, 300)]);
      expect(part.records).toEqual(whole.records.filter(([offset]) => offset >= from && offset < to));
    }
  });

  it('says of a file how many positions are of each class, in all and by base slice, and its event times', async () => {
    const { archive } = await make({ keepBytes: true });
    const { batch, columns } = makeRows(81, 2, 100, 200, 0.2);
    const file = await writeFile(archive, { batch, columns }, 4);
    const slices = new Map<number, number[]>();
    const classAt = new Map(Array.from(columns.offsets, (offset, row) => [offset, columns.classes[row] ?? 0]));
    for (let offset = 100; offset < 300; offset++) {
      const start = offset - (offset % stream.sliceSize);
      const counts = slices.get(start) ?? [0, 0, 0, 0];
      const cls = classAt.get(offset) ?? 3;
      counts[cls] = (counts[cls] ?? 0) + 1;
      slices.set(start, counts);
    }
    expect(file.slices).toEqual([...slices].map(([start, counts]) => [start, ...counts]));
    const { applied, duplicate, rejected, control } = file.counts;
    expect(applied + duplicate + rejected + control).toBe(200);
    expect([file.from, file.to, file.records]).toEqual([100, 300, 200 - control]);
    const times = Array.from(columns.eventTimes).filter((_, row) => columns.classes[row] !== 2);
    expect([file.minEventTime, file.maxEventTime]).toEqual([Math.min(...times), Math.max(...times)]);
  });

  it('E12: is complete and durable before a manifest names it', async () => {
    const { archive, stored, reopen } = await make({ keepBytes: true });
    const file = await writeFile(archive, makeRows(91, 0, 0, 50));
    const bytes = await stored.get(file.name);
    expect(bytes?.byteLength).toBe(file.byteLength);
    expect(sha256(bytes ?? new Uint8Array())).toBe(file.sha256);
    expect((await reopen().head(stream.name)).files).toEqual([]);
    await commitAll(archive, [file], [0]);
    expect((await reopen().head(stream.name)).files).toEqual([file]);
  });

  it('leaves nothing that a reader could see when a file is given up', async () => {
    const { archive, reopen } = await make({ keepBytes: true });
    const { batch, columns } = makeRows(95, 0, 0, 50);
    const writer = archive.create(stream, 0, 0);
    writer.append(batch, columns, 0, columns.count, 50);
    await writer.abort();
    expect((await reopen().head(stream.name)).number).toBe(-1);
  });

  it('holds a range that is control positions only, and refuses one that is empty', async () => {
    const { archive } = await make({ keepBytes: true });
    const file = await writeFile(archive, makeRows(96, 0, 0, 70, 1));
    expect([file.records, file.counts.control, file.minEventTime]).toEqual([0, 70, null]);
    const batch = await archive.read(stream, file, 0, 70);
    expect([batch.baseOffset, batch.nextOffset, batch.count]).toEqual([0, 70, 0]);
    expect(await refusal(archive.create(stream, 0, 0).finish())).toBe('ROWS_OUT_OF_ORDER');
  });

  it('refuses rows that leave a gap or go back', async () => {
    const { archive } = await make({ keepBytes: true });
    const { batch, columns } = makeRows(97, 0, 10, 50);
    const late = archive.create(stream, 0, 30);
    expect(await refusal(() => late.append(batch, columns, 0, columns.count, 60))).toBe('ROWS_OUT_OF_ORDER');
    const short = archive.create(stream, 0, 10);
    expect(await refusal(() => short.append(batch, columns, 0, columns.count, 20))).toBe('ROWS_OUT_OF_ORDER');
  });

  it('keeps the bytes of rejected records, and no others, where bytes are not kept', async () => {
    const { archive } = await make({ keepBytes: false });
    const rows = makeRows(98, 0, 0, 120);
    const file = await writeFile(archive, rows, 2);
    expect(await refusal(archive.read(stream, file, 0, 120))).toBe('BYTES_NOT_KEPT');
    expect(describeArchived(await archive.readColumns(stream, file))).toEqual(describeColumns(rows.columns));
    const whole = describeBatch(rows.batch) as { records: [number, ...unknown[]][] };
    for (const { offset } of rows.columns.rejections) {
      const one = describeBatch(await archive.read(stream, file, offset, offset + 1)) as { records: unknown[] };
      expect(one.records).toEqual(whole.records.filter(([at]) => at === offset));
    }
  });

  it('gives another stream version its records, but not its columns', async () => {
    const { archive } = await make({ keepBytes: true });
    const { files } = await filled(archive, 1, 99);
    const next = { ...machineStream, version: 2, fingerprint: 'ffeeddccbbaa9988' };
    for (const file of files) {
      expect((await archive.read(next, file, file.from, file.to)).count).toBe(file.records);
      expect(await refusal(archive.readColumns(next, file))).toBe('STREAM_CHANGED');
      // Also of a file whose manifest does not say.
      const { fingerprint: _, ...unsaid } = file;
      for (const each of [file, unsaid])
        expect(await archive.fingerprintOf(stream.name, each)).toBe(machineStream.fingerprint);
    }
  });
}

/** As describeColumns, of what came back. */
export function describeArchived(columns: ArchivedColumns): unknown {
  return Array.from({ length: columns.count }, (_, row) => {
    const rejection = columns.rejections.find((entry) => entry.row === row);
    const time = columns.eventTimes[row] ?? NaN;
    return {
      offset: columns.offsets[row],
      logTime: columns.logTimes[row],
      cls: columns.classes[row],
      eventTime: Number.isNaN(time) ? null : time,
      fields: columns.fields.map((field) => {
        if (field.kind === 'text') return field.values[row];
        return field.valid[row] === 1 ? field.values[row] : null;
      }),
      rejection: rejection === undefined ? null : [rejection.code, rejection.field, rejection.detail],
    };
  });
}
