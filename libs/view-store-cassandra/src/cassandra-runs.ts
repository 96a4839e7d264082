import { parseFrozen, type RunPlace, type RunRecord, type Runs } from '@twofold/view-store';
import { numberIn, textIn } from './column.ts';
import type { CqlValue, Session } from './session.ts';

const insertMonth = `INSERT INTO $.run_months (project, incarnation, job, month) VALUES (?, ?, ?, ?) USING TIMESTAMP 1`;
const months = 'SELECT job, month FROM $.run_months WHERE project = ? AND incarnation = ?';
const monthsOf = `${months} AND job = ?`;
const insertRun = `INSERT INTO $.runs (project, incarnation, job, month, started_at, id, body) VALUES (?, ?, ?, ?, ?, ?, ?)`;
const runsOf =
  'SELECT body FROM $.runs WHERE project = ? AND incarnation = ? AND job = ? AND month = ? AND (started_at, id) < (?, ?) LIMIT ?';

/** Later than any run. */
const newest: RunPlace = { startedAt: Number.MAX_SAFE_INTEGER, id: '' };

export function cassandraRuns(session: Session): Runs {
  const place: readonly CqlValue[] = [session.project, session.incarnation];

  async function put(run: RunRecord): Promise<void> {
    const month = monthOf(run.startedAt);
    await session.write(insertMonth, [...place, run.job, month]);
    await session.write(insertRun, [...place, run.job, month, BigInt(run.startedAt), run.id, JSON.stringify(run)]);
  }

  async function list({ job, limit, before = newest }: Parameters<Runs['list']>[0]): Promise<RunRecord[]> {
    const rows = await (job === undefined ? session.rows(months, place) : session.rows(monthsOf, [...place, job]));
    const found: RunRecord[] = [];
    // Newest month first over all jobs: an older one is not looked at once there are enough.
    const ordered = rows
      .map((row) => ({ job: textIn(row, 'job'), month: numberIn(row, 'month') }))
      .filter(({ month }) => before === newest || month <= monthOf(before.startedAt))
      .sort((a, b) => b.month - a.month);
    for (const [i, each] of ordered.entries()) {
      if (found.length >= limit && each.month !== ordered[i - 1]?.month) break;
      const params = [...place, each.job, each.month, BigInt(before.startedAt), before.id, limit];
      for (const row of await session.rows(runsOf, params)) found.push(parseFrozen<RunRecord>(textIn(row, 'body')));
    }
    return found.sort((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1)).slice(0, limit);
  }

  return {
    put: async (run) => session.run(() => put(run)),
    list: async (options) => session.run(() => list(options)),
  };
}

/** Months since year 0, in UTC. */
function monthOf(ms: number): number {
  const date = new Date(ms);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}
