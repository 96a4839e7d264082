import { liveRelease } from '@twofold/releases';
import { openToLook } from '../look.ts';
import { EXIT, iso, print, table } from '../output.ts';
import type { CliSettings } from '../settings.ts';

/** What is registered, how far each layer is, what the ledger says, which dead letters there are. */
export async function status(
  projectFolder: string,
  values: CliSettings,
  json: boolean,
  limit: number,
): Promise<number> {
  const { project, store, archive, close } = await openToLook(projectFolder, values);
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
    const streams = await Promise.all(
      project.streams.map(async ({ name }) => ({
        stream: name,
        ledger: sum(await store.ledger.totals(name)),
        archived: (await archive.head(name)).files.reduce((n, file) => n + file.records, 0),
        deadLetters: await store.ledger.deadLetters(name, { limit }),
      })),
    );
    const document = {
      project: project.id,
      registered: true,
      sequence: row.sequence,
      release: { id: live.id, number: live.number },
      candidates: row.candidates.map((c) => c.id),
      views,
      streams,
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
        ['stream', 'read', 'applied', 'duplicate', 'rejected', 'control', 'archived'],
        ...streams.map((s) => [
          s.stream,
          ...[s.ledger.read, s.ledger.applied, s.ledger.duplicate, s.ledger.rejected, s.ledger.control, s.archived].map(
            String,
          ),
        ]),
      ]),
      ...streams.flatMap((s) =>
        s.deadLetters.map(
          (d) =>
            `dead letter ${s.stream} ${d.partition}:${d.offset} ${iso(d.logTime)} ${d.code}${d.field === null ? '' : ` ${d.field}`}: ${d.detail}`,
        ),
      ),
    ]);
    return EXIT.done;
  } finally {
    await close();
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
