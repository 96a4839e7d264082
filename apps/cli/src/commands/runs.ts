import { findRun, runHistory } from '@twofold/batch-layer';
import type { RunRecord } from '@twofold/view-store';
import { CliError } from '../errors.ts';
import { openToLook } from '../look.ts';
import { EXIT, iso, print, table } from '../output.ts';
import type { CliSettings } from '../settings.ts';

export interface RunsOptions {
  readonly limit: number;
  readonly view?: string;
  readonly outcome?: string;
  readonly before?: string;
}

const ENDED_BADLY: readonly string[] = ['FAILED', 'REFUSED'];

/** The history of batch runs, newest first. */
export async function runs(
  projectFolder: string,
  values: CliSettings,
  json: boolean,
  { limit, view, outcome, before }: RunsOptions,
): Promise<number> {
  const { store, close } = await openToLook(projectFolder, values);
  try {
    const after = before === undefined ? undefined : await findRun(store, before);
    const list: RunRecord[] = [];
    let more = false;
    for await (const run of runHistory(store, after)) {
      if (view !== undefined && !run.subjects.includes(view)) continue;
      if (outcome !== undefined && run.state !== outcome.toUpperCase()) continue;
      more = list.length === limit;
      if (more) break;
      list.push(run);
    }
    const next = more ? (list.at(-1)?.id ?? null) : null;
    print(json, { runs: list, next }, () => [
      ...table([
        ['run', 'job', 'because', 'slot', 'state', 'took', 'release', 'what'],
        ...list.map((run) => [
          ...[run.id, run.job, run.trigger, iso(run.slot), run.state, tookOf(run)],
          ...[run.release ?? '-', whatOf(run)],
        ]),
      ]),
      ...(next === null ? [] : [`older ones: twofold runs --before ${next}`]),
    ]);
    return ENDED_BADLY.includes(list[0]?.state ?? '') ? EXIT.unhealthy : EXIT.done;
  } finally {
    await close();
  }
}

/** All that is known of one run. */
export async function showRun(
  projectFolder: string,
  values: CliSettings,
  json: boolean,
  show: string,
  id = '',
): Promise<number> {
  if (show !== 'show' || id === '') throw new CliError('WRONG_USAGE', 'write twofold runs, or twofold runs show <run>');
  const { store, close } = await openToLook(projectFolder, values);
  try {
    const run = await findRun(store, id);
    print(json, { run }, () => linesOf(run));
    return ENDED_BADLY.includes(run.state) ? EXIT.unhealthy : EXIT.done;
  } finally {
    await close();
  }
}

function linesOf(run: RunRecord): string[] {
  const { inputs = [], outputs = [], reasons = [], passedOver = [] } = run;
  const facts = [
    ['state', run.state],
    ['job', run.job],
    ['because', run.trigger + (run.retryOf == null ? '' : ` of ${run.retryOf}`)],
    ['slot', iso(run.slot)],
    ['attempt', `${run.attempt ?? 1}, fence ${run.fence ?? '-'}`],
    ['started', iso(run.startedAt)],
    ['ended', `${iso(run.endedAt)}, took ${tookOf(run)}`],
    ['progress', progressOf(run)],
    ['release', run.release ?? '-'],
    ['engine', run.engine ?? '-'],
    ['code', run.code ?? '-'],
    ['what', whatOf(run)],
    ...reasons.map((reason) => ['lacks', reason]),
    ...passedOver.map(({ why, slots, from, to }) => [
      why === 'MISSED' ? 'missed' : 'skipped',
      `${slots} ${slots === 1 ? 'slot' : 'slots'}, ${iso(from)} to ${iso(to)}`,
    ]),
  ];
  const made = new Map(outputs.map((output) => [output.view, output]));
  const views = [...new Set([...run.subjects, ...inputs.map(({ view }) => view)])];
  return [
    `run ${run.id}`,
    ...table(facts),
    '',
    ...table([
      ['view', 'version', 'cut', 'corrections', 'outcome', 'parts', 'rows', 'sha256'],
      ...views.map((view) => {
        const input = inputs.find((each) => each.view === view);
        const output = made.get(view);
        const from = [String(input?.version ?? '-'), input?.cut.join(' ') ?? '-', input?.corrections.join(' ') || '-'];
        const to = [
          output?.error?.code ?? output?.state ?? '-',
          String(output?.parts ?? '-'),
          String(output?.rows ?? '-'),
        ];
        return [view, ...from, ...to, output?.sha256?.slice(0, 16) ?? '-'];
      }),
    ]),
    ...(run.gates ?? []).map(
      ({ gate, passed, severity, detail }) => `gate ${gate}: ${passed ? 'passed' : severity}, ${detail}`,
    ),
  ];
}

function tookOf({ startedAt, endedAt }: RunRecord): string {
  return endedAt === null ? '-' : `${endedAt - startedAt} ms`;
}

function progressOf({ progress }: RunRecord): string {
  if (progress == null) return '-';
  const left = progress.leftMs === null ? '' : `, about ${Math.ceil(progress.leftMs / 1_000)} s left`;
  return `${progress.done} of ${progress.total} parts${left}`;
}

function whatOf(run: RunRecord): string {
  if (run.error !== null) return `${run.error.code}: ${run.error.message}`;
  if (run.state === 'WAITING') return (run.reasons ?? []).join('; ');
  if (run.state === 'RUNNING' && run.progress != null) return progressOf(run);
  return Object.entries(run.facts)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}
