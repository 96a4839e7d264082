import { scheduledViews } from '@twofold/batch-layer';
import { nextSlot, parseCron, type Asked, type JobRow } from '@twofold/schedules';
import { openToLook } from '../look.ts';
import { EXIT, iso, print, table } from '../output.ts';
import type { CliSettings } from '../settings.ts';

/** Every schedule of the project: its policies, what is next, who holds it, what is asked of it. */
export async function schedules(projectFolder: string, values: CliSettings, json: boolean): Promise<number> {
  const { project, store, clock, close } = await openToLook(projectFolder, values);
  try {
    const rows = new Map((await store.jobs.list()).map((row) => [row.job, row]));
    const found = scheduledViews(project.views, values.schedule).map(({ job, schedule, views }) => {
      const row = rows.get(job) ?? null;
      return {
        ...schedule,
        views: views.map(({ name }) => name),
        next: nextSlot(parseCron(schedule.cron), clock.now()),
        paused: row?.paused ?? null,
        run: row?.holder?.run.id ?? null,
        waiting: row?.trying?.waiting?.reasons ?? null,
        asked: row?.asked ?? [],
      };
    });
    print(json, { schedules: found }, () =>
      table([
        ['schedule', 'cron', 'next', 'overlap', 'missed', 'views', 'now'],
        ...found.map((s) => [
          ...[s.name, s.cron, iso(s.next), s.overlap, s.missed, s.views.join(' ')],
          nowOf(rows.get(`recompute ${s.name}`) ?? null),
        ]),
      ]),
    );
    return EXIT.done;
  } finally {
    await close();
  }
}

function nowOf(row: JobRow | null): string {
  if (row === null) return 'has not run yet';
  const asked = row.asked.map(told);
  const { paused, holder, trying } = row;
  if (paused !== null) asked.unshift(`paused since ${iso(paused.at)} by ${paused.by}: ${paused.reason}`);
  if (holder !== null) asked.unshift(`run ${holder.run.id} is going`);
  else if (trying?.waiting != null) asked.unshift(`waits: ${(trying.waiting.reasons ?? []).join('; ')}`);
  return asked.join('; ') || 'idle';
}

function told(asked: Asked): string {
  return asked.kind === 'RETRY'
    ? `to do: run ${asked.run} again`
    : `to do: backfill of ${asked.views.join(' ')}, ${iso(asked.from)} to ${iso(asked.next)}, ${asked.pieces} pieces done`;
}
