import { parseFrozen, type DeadLetter, type Ledger, type LedgerEntry } from '@twofold/view-store';
import { bytesIn, numberIn, textIn } from './column.ts';
import { openCell, sealCell } from './sealed-cell.ts';
import type { CqlRow, CqlValue, Session, Statement } from './session.ts';
import { WrittenOnce } from './written-once.ts';

/** Slices of one block, which is one Cassandra partition. */
const blockSlices = 4_096;
const blockOf = (slice: number): number => Math.floor(slice / blockSlices);
/** Entries of one block that one request carries. */
const requestEntries = 100;
const hourMs = 3_600_000;

const insertBlock = `INSERT INTO $.ledger_blocks (project, incarnation, stream, partition, block) VALUES (?, ?, ?, ?, ?)
  USING TIMESTAMP 1`;
const blocksOf = 'SELECT partition, block FROM $.ledger_blocks WHERE project = ? AND incarnation = ? AND stream = ?';
/** The write timestamp is `next`: the larger wins. */
const insertEntry = `INSERT INTO $.ledger (project, incarnation, stream, partition, block, slice, cell)
  VALUES (?, ?, ?, ?, ?, ?, ?) USING TIMESTAMP ?`;
const entriesOf = `SELECT slice, cell FROM $.ledger
  WHERE project = ? AND incarnation = ? AND stream = ? AND partition = ? AND block = ?`;
const insertHour = `INSERT INTO $.dead_letter_hours (project, incarnation, stream, hour) VALUES (?, ?, ?, ?)
  USING TIMESTAMP 1`;
const hoursOf = 'SELECT hour FROM $.dead_letter_hours WHERE project = ? AND incarnation = ? AND stream = ?';
const insertLetter = `INSERT INTO $.dead_letters
  (project, incarnation, stream, hour, log_time, partition, "offset", body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  USING TIMESTAMP 1`;
const lettersOf = `SELECT log_time, partition, "offset", body FROM $.dead_letters
  WHERE project = ? AND incarnation = ? AND stream = ? AND hour = ?`;
const firstLetters = `${lettersOf} LIMIT ?`;
const lettersAfter = `${lettersOf} AND (log_time, partition, "offset") < (?, ?, ?) LIMIT ?`;
const insertTime = `INSERT INTO $.dead_letter_times (project, incarnation, stream, partition, "offset", log_time)
  VALUES (?, ?, ?, ?, ?, ?) USING TIMESTAMP 1`;
const timeOf = `SELECT log_time FROM $.dead_letter_times
  WHERE project = ? AND incarnation = ? AND stream = ? AND partition = ? AND "offset" = ?`;

/** A larger mark has the larger timestamp: it never sinks. */
const raiseMark = `INSERT INTO $.dropped_letters (project, incarnation, stream, partition, below) VALUES (?, ?, ?, ?, ?)
  USING TIMESTAMP ?`;
const marksOf = 'SELECT partition, below FROM $.dropped_letters WHERE project = ? AND incarnation = ? AND stream = ?';
const dropLetter = `DELETE FROM $.dead_letters USING TIMESTAMP 2 WHERE project = ? AND incarnation = ? AND stream = ?
  AND hour = ? AND log_time = ? AND partition = ? AND "offset" = ?`;

export function cassandraLedger(session: Session): Ledger {
  const directories = new WrittenOnce(session, insertBlock);
  const letterHours = new WrittenOnce(session, insertHour);
  const placeOf = (stream: string): CqlValue[] => [session.project, session.incarnation, stream];

  function statementOf(entry: LedgerEntry): Statement {
    const { stream, partition, slice, next, applied, duplicate, rejected, control } = entry;
    const content = Buffer.from(JSON.stringify([applied, duplicate, rejected, control]));
    const cell = sealCell([stream, partition, slice], next, content);
    const params = [...placeOf(stream), partition, BigInt(blockOf(slice)), BigInt(slice), cell, BigInt(next)];
    return { query: insertEntry, params };
  }

  /** Entries of one block, as many requests as it takes. */
  async function writeEntries(entries: readonly LedgerEntry[]): Promise<void> {
    const [first] = entries;
    if (first === undefined) return;
    await directories.write([...placeOf(first.stream), first.partition, BigInt(blockOf(first.slice))]);
    const requests = Array.from({ length: Math.ceil(entries.length / requestEntries) }, (_, i) =>
      entries.slice(i * requestEntries, (i + 1) * requestEntries),
    );
    await Promise.all(requests.map((request) => session.writeTogether(request.map(statementOf))));
  }

  /** What leads to a letter is there before the letter, so that none is out of reach. */
  async function bury(letter: DeadLetter): Promise<void> {
    const { stream, partition, offset, logTime, code, field, detail } = letter;
    const hour = BigInt(Math.floor(logTime / hourMs));
    const body = JSON.stringify({ code, field, detail });
    await Promise.all([
      letterHours.write([...placeOf(stream), hour]),
      session.write(insertTime, [...placeOf(stream), partition, BigInt(offset), BigInt(logTime)]),
    ]);
    const place = [...placeOf(stream), hour, BigInt(logTime), partition, BigInt(offset)];
    await session.write(insertLetter, [...place, body]);
  }

  async function blockEntries(stream: string, partition: number, block: number): Promise<LedgerEntry[]> {
    const rows = await session.rows(entriesOf, [...placeOf(stream), partition, BigInt(block)]);
    return rows.map((row) => entryOf(stream, partition, row));
  }

  async function blocks(stream: string): Promise<{ partition: number; block: number }[]> {
    const rows = await session.rows(blocksOf, placeOf(stream));
    return rows.map((row) => ({ partition: numberIn(row, 'partition'), block: numberIn(row, 'block') }));
  }

  async function totals(stream: string): Promise<LedgerEntry[]> {
    const sums = new Map<number, LedgerEntry>();
    for (const { partition, block } of await blocks(stream))
      for (const entry of await blockEntries(stream, partition, block)) {
        const sum = sums.get(partition);
        sums.set(partition, sum === undefined ? entry : plus(sum, entry));
      }
    return [...sums.values()].sort((a, b) => a.partition - b.partition);
  }

  async function read(stream: string, partition: number, from: number, below: number): Promise<LedgerEntry[]> {
    const found: LedgerEntry[] = [];
    for (const each of await blocks(stream)) {
      const first = each.block * blockSlices;
      if (each.partition === partition && first < below && first + blockSlices > from)
        found.push(...(await blockEntries(stream, partition, each.block)));
    }
    return found.filter(({ slice }) => slice >= from && slice < below);
  }

  async function deadLetters(
    stream: string,
    { limit, before }: { limit: number; before?: { partition: number; offset: number } },
  ): Promise<DeadLetter[]> {
    const last = before === undefined ? null : await positionOf(stream, before);
    if (before !== undefined && last === null) return [];
    const hours = (await session.rows(hoursOf, placeOf(stream))).map((row) => numberIn(row, 'hour'));
    const marks = await marksIn(stream);
    const found: DeadLetter[] = [];
    for (const hour of hours) {
      if (found.length >= limit) break;
      if (last !== null && hour > last.hour) continue;
      const place = [...placeOf(stream), BigInt(hour)];
      const left = limit - found.length;
      const rows =
        last === null || hour < last.hour
          ? await session.rows(firstLetters, [...place, left])
          : await session.rows(lettersAfter, [...place, ...last.key, left]);
      const letters = rows.map((row) => letterOf(stream, row));
      found.push(...letters.filter(({ partition, offset }) => offset >= (marks.get(partition) ?? 0)));
    }
    return found;
  }

  async function marksIn(stream: string): Promise<Map<number, number>> {
    const rows = await session.rows(marksOf, placeOf(stream));
    return new Map(rows.map((row) => [numberIn(row, 'partition'), numberIn(row, 'below')]));
  }

  /** First the mark, from which on they are invisible. A letter's time stays; nothing of it is in there. */
  async function dropDeadLetters(stream: string, partition: number, below: number): Promise<number> {
    const before = (await marksIn(stream)).get(partition) ?? 0;
    if (below > before) await session.write(raiseMark, [...placeOf(stream), partition, BigInt(below), BigInt(below)]);
    let dropped = 0;
    for (const hourRow of await session.rows(hoursOf, placeOf(stream))) {
      const hour = BigInt(numberIn(hourRow, 'hour'));
      for (const row of await session.rows(lettersOf, [...placeOf(stream), hour])) {
        const letter = letterOf(stream, row);
        if (letter.partition !== partition || letter.offset >= below) continue;
        const place = [...placeOf(stream), hour, BigInt(letter.logTime), partition, BigInt(letter.offset)];
        await session.write(dropLetter, place);
        dropped++;
      }
    }
    return dropped;
  }

  async function positionOf(stream: string, { partition, offset }: { partition: number; offset: number }) {
    const row = await session.first(timeOf, [...placeOf(stream), partition, BigInt(offset)]);
    if (row === null) return null;
    const logTime = numberIn(row, 'log_time');
    return { hour: Math.floor(logTime / hourMs), key: [BigInt(logTime), partition, BigInt(offset)] };
  }

  return {
    write: async (entries, letters, signal) =>
      session.run(async () => {
        const byBlock = Map.groupBy(entries, (each) => `${each.stream}|${each.partition}|${blockOf(each.slice)}`);
        await Promise.all([...[...byBlock.values()].map(writeEntries), ...letters.map(bury)]);
      }, signal),
    totals: async (stream) => session.run(() => totals(stream)),
    read: async (stream, partition, from, below) => session.run(() => read(stream, partition, from, below)),
    deadLetters: async (stream, options) => session.run(() => deadLetters(stream, options)),
    dropDeadLetters: async (stream, partition, below) => session.run(() => dropDeadLetters(stream, partition, below)),
  };
}

function entryOf(stream: string, partition: number, row: CqlRow): LedgerEntry {
  const slice = numberIn(row, 'slice');
  const { order, content } = openCell([stream, partition, slice], bytesIn(row, 'cell'));
  const [applied, duplicate, rejected, control] = JSON.parse(content.toString()) as [number, number, number, number];
  return { stream, partition, slice, next: order, applied, duplicate, rejected, control };
}

function plus(sum: LedgerEntry, entry: LedgerEntry): LedgerEntry {
  return {
    ...sum,
    slice: Math.max(sum.slice, entry.slice),
    next: Math.max(sum.next, entry.next),
    applied: sum.applied + entry.applied,
    duplicate: sum.duplicate + entry.duplicate,
    rejected: sum.rejected + entry.rejected,
    control: sum.control + entry.control,
  };
}

function letterOf(stream: string, row: CqlRow): DeadLetter {
  const body = parseFrozen<Pick<DeadLetter, 'code' | 'field' | 'detail'>>(textIn(row, 'body'));
  const partition = numberIn(row, 'partition');
  return { stream, partition, offset: numberIn(row, 'offset'), logTime: numberIn(row, 'log_time'), ...body };
}
