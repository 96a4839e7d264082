import { parseFrozen, type RunRecord, type Runs } from '@twofold/view-store';
import { isOutcomeUnknown } from './cassandra-failure.ts';
import { numberIn, textIn } from './column.ts';
import type { CqlRow, CqlValue, Session } from './session.ts';

const insertMonth = `INSERT INTO $.run_months (project, incarnation, job, month) VALUES (?, ?, ?, ?) USING TIMESTAMP 1`;
const months = 'SELECT job, month FROM $.run_months WHERE project = ? AND incarnation = ?';
const monthsOf = `${months} AND job = ?`;
const insertRun = `INSERT INTO $.runs (project, incarnation, job, month, started_at, id, body) VALUES (?, ?, ?, ?, ?, ?, ?)`;
/** A claim's record, which every later one of the run outranks, whenever it arrives. */
const insertFirst = `${insertRun} USING TIMESTAMP 1`;
const runsOf = 'SELECT body FROM $.runs WHERE project = ? AND incarnation = ? AND job = ? AND month = ? LIMIT ?';
const claim = `INSERT INTO $.slots (project, incarnation, job, slot, run, body) VALUES (?, ?, ?, ?, ?, ?) IF NOT EXISTS`;
const holder = 'SELECT run, body FROM $.slots WHERE project = ? AND incarnation = ? AND job = ? AND slot = ?';
const newest = 'SELECT slot, body FROM $.slots WHERE project = ? AND incarnation = ? AND job = ? LIMIT 1';

export function cassandraRuns(session: Session): Runs {
  const place: readonly CqlValue[] = [session.project, session.incarnation];

  async function put(query: string, run: RunRecord, body = JSON.stringify(run)): Promise<void> {
    const month = monthOf(run.startedAt);
    await session.write(insertMonth, [...place, run.job, month]);
    await session.write(query, [...place, run.job, month, BigInt(run.startedAt), run.id, body]);
  }

  /** The claim and its run's record are two rows: whoever looks at the claim next puts a record that is missing. */
  async function bringRecord(slot: CqlRow): Promise<void> {
    const body = textIn(slot, 'body');
    await put(insertFirst, parseFrozen<RunRecord>(body), body);
  }

  async function claimSlot(job: string, slot: number, run: RunRecord): Promise<boolean> {
    const key = [...place, job, BigInt(slot)];
    try {
      await session.writeIf(claim, [...key, run.id, JSON.stringify(run)]);
    } catch (error) {
      // The claim may be there all the same: the slot's row tells, read as the agreement has it.
      if (!isOutcomeUnknown(error)) throw error;
    }
    const row = await session.firstSerial(holder, key);
    if (row === null) return claimSlot(job, slot, run);
    await bringRecord(row);
    return textIn(row, 'run') === run.id;
  }

  async function list({ job, limit }: { job?: string; limit: number }): Promise<RunRecord[]> {
    const rows = await (job === undefined ? session.rows(months, place) : session.rows(monthsOf, [...place, job]));
    const found: RunRecord[] = [];
    // Newest month first over all jobs: an older one is not looked at once there are enough.
    const ordered = rows
      .map((row) => ({ job: textIn(row, 'job'), month: numberIn(row, 'month') }))
      .sort((a, b) => b.month - a.month);
    for (const [i, each] of ordered.entries()) {
      if (found.length >= limit && each.month !== ordered[i - 1]?.month) break;
      for (const row of await session.rows(runsOf, [...place, each.job, each.month, limit]))
        found.push(parseFrozen<RunRecord>(textIn(row, 'body')));
    }
    return found.sort((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? 1 : -1)).slice(0, limit);
  }

  return {
    put: async (run) => session.run(() => put(insertRun, run)),
    claimSlot: async (job, slot, run) => session.run(() => claimSlot(job, slot, run)),
    list: async (options) => session.run(() => list(options)),
    lastSlot: async (job) =>
      session.run(async () => {
        const row = await session.first(newest, [...place, job]);
        if (row === null) return null;
        await bringRecord(row);
        return numberIn(row, 'slot');
      }),
  };
}

/** Months since year 0, in UTC. */
function monthOf(ms: number): number {
  const date = new Date(ms);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}
