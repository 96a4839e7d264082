import { liveRelease } from '@twofold/releases';
import { openToLook, type Look } from '../look.ts';
import { operatorStatus } from '../operator-status.ts';
import { EXIT, iso, print, table } from '../output.ts';
import { topicsOf, type StreamTopic } from '../platform.ts';
import { bytesText } from '../bytes-text.ts';
import { readRecord } from '../read-record.ts';
import type { CliSettings } from '../settings.ts';

/** What is registered, how far each layer is, what the ledger says, which dead letters there are, and what they hold. */
export async function status(
  projectFolder: string,
  values: CliSettings,
  json: boolean,
  limit: number,
): Promise<number> {
  const look = await openToLook(projectFolder, values);
  const { project, store, close } = look;
  try {
    const row = await store.control.read();
    if (row === null) {
      print(json, { project: project.id, registered: false }, () => [
        `project ${project.id} is not registered yet: run twofold dev`,
      ]);
      return EXIT.unhealthy;
    }
    const live = liveRelease(row);
    const views = await Promise.all(
      project.views.map(async (view) => {
        const entry = row.entries[live.entries[view.name] ?? ''];
        const progress = await store.progress.read({ view: view.name, version: view.version });
        const read = progress.filter((p) => p.lane === 'base').reduce((sum, p) => sum + p.next, 0);
        return {
          view: view.name,
          version: view.version,
          build: entry?.build ?? null,
          cut: entry?.cut ?? [],
          speedPosition: read,
        };
      }),
    );
    const streams = await Promise.all(topicsOf(project).map((topic) => streamStatus(topic, look, limit)));
    const document = {
      project: project.id,
      registered: true,
      sequence: row.sequence,
      release: { id: live.id, number: live.number },
      candidates: row.candidates.map((c) => c.id),
      views,
      streams,
      operators: await operatorStatus(project, store),
    };
    print(json, document, () => [
      `project ${project.id}: release ${live.number} (${live.id}), control row ${row.sequence}`,
      '',
      ...table([
        ['view', 'version', 'cut', 'speed layer has read'],
        ...views.map((v) => [v.view, String(v.version), v.cut.join(' '), String(v.speedPosition)]),
      ]),
      '',
      ...table([
        ['stream', 'in the log', 'read', 'applied', 'duplicate', 'rejected', 'control', 'archived'],
        ...streams.map((s) => [
          s.stream,
          ...[
            s.logged,
            s.ledger.read,
            s.ledger.applied,
            s.ledger.duplicate,
            s.ledger.rejected,
            s.ledger.control,
            s.archived,
          ].map(String),
        ]),
      ]),
      ...document.operators.map(
        ({ stream, of, key, positions }) =>
          `${stream} is made of ${of} by ${key.join(', ')}: its operator is at ${positions.join(' ') || 'its beginning'}`,
      ),
      ...streams.flatMap((s) =>
        s.deadLetters.flatMap((d) => [
          `dead letter ${s.stream} ${d.partition}:${d.offset} ${iso(d.logTime)} ${d.code}${d.field === null ? '' : ` ${d.field}`}: ${d.detail}`,
          `  ${bytesText(d.bytes === null ? null : Buffer.from(d.bytes, 'base64'))}`,
        ]),
      ),
    ]);
    return EXIT.done;
  } finally {
    await close();
  }
}

async function streamStatus(topic: StreamTopic, { store, archive, openLog }: Look, limit: number) {
  const { name } = topic.stream;
  const log = await openLog();
  try {
    const origins = (await archive.head(name)).origins;
    const found = await store.ledger.deadLetters(name, { limit });
    const deadLetters = await Promise.all(
      found.map(async (letter) => {
        const bytes = await readRecord(topic, letter, { log, archive });
        return { ...letter, bytes: bytes === null ? null : Buffer.from(bytes).toString('base64') };
      }),
    );
    // The log is asked last: nothing has been read that it does not have.
    const ledger = sum(await store.ledger.totals(name));
    const ranges = await log.partitions(topic.topic);
    return {
      stream: name,
      /** Positions from each partition's origin to the log's end. */
      logged: ranges.reduce((n, { partition, end }) => n + end - (origins[partition] ?? 0), 0),
      ledger,
      archived: (await archive.head(name)).files.reduce((n, file) => n + file.records, 0),
      deadLetters,
    };
  } finally {
    await log.close();
  }
}

function sum(entries: readonly { applied: number; duplicate: number; rejected: number; control: number }[]) {
  const totals = { read: 0, applied: 0, duplicate: 0, rejected: 0, control: 0 };
  for (const entry of entries) {
    totals.applied += entry.applied;
    totals.duplicate += entry.duplicate;
    totals.rejected += entry.rejected;
    totals.control += entry.control;
  }
  return { ...totals, read: totals.applied + totals.duplicate + totals.rejected + totals.control };
}
