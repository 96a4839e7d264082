import type { ControlRow } from '@twofold/releases';
import type { ViewStore } from '@twofold/view-store';
import type { Look } from './look.ts';

const PAGE = 200;

/** Looks through everything that can be read of the store, whatever it is stored in. Gives where the text is. */
export async function scanStore({ store, project }: Pick<Look, 'store' | 'project'>, text: string): Promise<string[]> {
  const needle = Buffer.from(text);
  const row = await store.control.read();
  const found = row === null ? [] : await scanSpeedRows(store, row, needle);
  found.push(...(await scanParts(store, needle)));
  for (const { name } of project.streams) found.push(...(await scanDeadLetters(store, name, text)));
  for (let page = await store.runs.list({ limit: PAGE }); page.length > 0;) {
    for (const run of page) if (JSON.stringify(run).includes(text)) found.push(`the record of run ${run.id}`);
    const before = page.at(-1);
    page = before === undefined ? [] : await store.runs.list({ limit: PAGE, before });
  }
  for (const job of await store.jobs.list())
    if (JSON.stringify(job).includes(text)) found.push(`the row of job ${job.job}`);
  if (JSON.stringify(row).includes(text)) found.push('the control row');
  return found;
}

async function scanSpeedRows(store: ViewStore, row: ControlRow, needle: Buffer): Promise<string[]> {
  const found: string[] = [];
  const partitions = Math.max(0, ...Object.values(row.streams).map(({ origins }) => origins.length));
  for (const key of Object.keys(row.floors)) {
    const at = key.lastIndexOf('@');
    const of = { view: key.slice(0, at), version: Number(key.slice(at + 1)) };
    for (let partition = 0; partition < partitions; partition++) {
      const query = { ...of, partition, buckets: null, startFrom: 0, startBelow: Number.MAX_SAFE_INTEGER };
      for (const { start, bytes } of await store.speedRows.read(query))
        if (Buffer.from(bytes).includes(needle))
          found.push(`a speed row of ${key}, partition ${partition}, from ${start}`);
    }
  }
  return found;
}

async function scanParts(store: ViewStore, needle: Buffer): Promise<string[]> {
  const found: string[] = [];
  for (const part of (await store.parts.list()).parts)
    for (const { number } of await store.parts.directory(part)) {
      const bytes = await store.parts.chunk(part, number);
      if (bytes !== null && Buffer.from(bytes).includes(needle)) found.push(`chunk ${number} of part ${part}`);
    }
  return found;
}

async function scanDeadLetters(store: ViewStore, stream: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (let page = await store.ledger.deadLetters(stream, { limit: PAGE }); page.length > 0;) {
    for (const letter of page)
      if (JSON.stringify(letter).includes(text))
        found.push(`the dead letter of ${stream} at ${letter.partition}:${letter.offset}`);
    const before = page.at(-1);
    page = before === undefined ? [] : await store.ledger.deadLetters(stream, { limit: PAGE, before });
  }
  return found;
}
