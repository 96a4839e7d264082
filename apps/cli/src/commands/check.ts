import type { CanonicalValue, Stream } from '@twofold/schemas';
import { windowText, type Project, type View } from '@twofold/views';
import { compareLock, type Finding } from '../check/compare-lock.ts';
import { aboutText, durationText } from '../check/duration-text.ts';
import { LOCK, lockText, readLock, writeLock } from '../check/lock-file.ts';
import { observeStreams, type Observed } from '../check/observe-streams.ts';
import { CliError } from '../errors.ts';
import { loadProject } from '../load-project.ts';
import { EXIT, print, table } from '../output.ts';
import type { CliSettings } from '../settings.ts';

export interface CheckOptions {
  /** Update the lock file. */
  readonly write: boolean;
  /** Names whose locked version was never deployed, and may be replaced. */
  readonly accept: readonly string[];
  /** Events a second of each stream; null: as observed. */
  readonly rate: number | null;
}

/** Prints what a project declares, and compares it with its lock file. 3 when it differs, or may not be what it is. */
export async function check(
  projectFolder: string,
  values: CliSettings,
  json: boolean,
  options: CheckOptions,
): Promise<number> {
  const { project } = await loadProject(projectFolder);
  checkAccepted(project, options);
  const locked = readLock(projectFolder);
  const { findings, gone, lock } = compareLock(project, locked, new Set(options.accept));
  const { observed, reason } = await observeStreams(projectFolder, values);
  const errors = findings.filter(({ error }) => error !== null);
  const current = locked !== null && lockText(locked) === lockText(lock);
  const written = options.write && errors.length === 0 && !current;
  if (written) writeLock(projectFolder, lock);
  const streams = project.streams.map((stream) => streamRow(stream, observed.get(stream.name), options.rate, values));
  const warnings = streams.flatMap(({ warning }) => warning ?? []);
  const document = {
    project: project.id,
    streams: streams.map(({ warning: _warning, ...row }) => row),
    views: project.views.map(viewRow),
    lock: { file: LOCK, current: current || written, written },
    findings: findings.filter(({ state }) => state !== 'same'),
    gone,
    warnings,
  };
  print(json, document, () => [
    ...streamLines(streams, options.rate === null ? reason : null),
    '',
    ...viewLines(project.views),
    ...project.views.flatMap(reducerLines),
    ...document.findings.flatMap((finding) => ['', ...findingLines(finding)]),
    ...gone.map((what) => `${what}: no longer declared; its versions stay locked`),
    ...warnings.map((warning) => `warning: ${warning}`),
    '',
    lockLine(locked !== null, current, written, errors.length),
  ]);
  return errors.length === 0 && (current || written) ? EXIT.done : EXIT.check;
}

/** @throws WRONG_USAGE */
function checkAccepted(project: Project, { accept, write }: CheckOptions): void {
  if (accept.length > 0 && !write)
    throw new CliError('WRONG_USAGE', '--accept changes the lock file: give --write too');
  const names = [...project.streams, ...project.views].map(({ name }) => name);
  const unknown = accept.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new CliError(
      'WRONG_USAGE',
      `--accept ${unknown}: there is no such stream or view. There are: ${names.join(', ')}`,
    );
}

function streamRow(stream: Stream, observed: Observed | undefined, given: number | null, values: CliSettings) {
  const partitions = observed?.partitions ?? values.partitions;
  const rate = given ?? observed?.rate ?? null;
  // Offsets of one partition, and a partition gets its share of the stream's events.
  const asTime = (offsets: number): number | null => (rate === null ? null : (offsets * partitions * 1_000) / rate);
  return {
    stream: stream.name,
    version: stream.version,
    fingerprint: stream.fingerprint,
    sliceSize: stream.sliceSize,
    sliceMs: asTime(stream.sliceSize),
    dedupeHorizon: stream.dedupeHorizon,
    dedupeHorizonMs: asTime(stream.dedupeHorizon),
    latenessMs: stream.latenessMs,
    skewMs: stream.skewMs,
    compatibility: stream.compatibility,
    partitions,
    rate,
    rateFrom: given !== null ? 'given' : rate === null ? null : 'observed',
    logTime: observed?.logTime ?? null,
    unread: observed?.unread ?? 0,
    warning: logTimeWarning(stream, observed?.logTime ?? null),
  };
}

/** E11: where producers set log times, nothing can tell an event from the future. */
function logTimeWarning(stream: Stream, logTime: Observed['logTime']): string | null {
  if (logTime !== 'producer') return null;
  const off = stream.skewMs === null ? '' : ` skew: '${durationText(stream.skewMs)}' compares with what they say;`;
  return `stream ${stream.name}: log times are set by producers (message.timestamp.type=CreateTime);${off} events from the future are not refused. Set LogAppendTime on the topic.`;
}

function viewRow(view: View) {
  const { name, version, fingerprint, window, levels, stream } = view;
  return { view: name, version, fingerprint, stream: stream.name, window, levels };
}

function streamLines(rows: readonly ReturnType<typeof streamRow>[], reason: string | null): string[] {
  const offsets = (count: number, ms: number | null): string => `${count}${ms === null ? '' : ` = ${aboutText(ms)}`}`;
  const known = rows.some(({ rate }) => rate !== null);
  return [
    ...table([
      ['stream', 'version', 'fingerprint', 'slice', 'dedupe horizon', 'lateness', 'skew', 'events a second'],
      ...rows.map((row) => [
        row.stream,
        String(row.version),
        row.fingerprint,
        offsets(row.sliceSize, row.sliceMs),
        offsets(row.dedupeHorizon, row.dedupeHorizonMs),
        durationText(row.latenessMs),
        row.skewMs === null ? 'off' : durationText(row.skewMs),
        row.rate === null ? '-' : `${Number(row.rate.toPrecision(3))} ${row.rateFrom}, ${row.partitions} partitions`,
      ]),
    ]),
    ...rows.flatMap(unreadLines),
    ...(known ? [] : [`no rate to tell slices as time by (${reason ?? 'too few events'}): give one with --rate`]),
  ];
}

/** What a new version of a stream does to history is shown before it is done. */
function unreadLines({ stream, version, unread }: ReturnType<typeof streamRow>): string[] {
  if (unread === 0) return [];
  return [
    `stream ${stream} version ${version}: ${unread} archived positions were read by another version. The batch layer reads them anew from their original bytes, into files of their own; what is served goes on until the views' new versions are promoted.`,
  ];
}

function viewLines(views: readonly View[]): string[] {
  return table([
    ['view', 'version', 'fingerprint', 'window', 'levels'],
    ...views.map((view) => [
      view.name,
      String(view.version),
      view.fingerprint,
      windowText(view.window),
      view.levels
        .map(({ widthMs, retainMs }) =>
          retainMs === null
            ? `${durationText(widthMs)} for ever`
            : `${durationText(widthMs)} for ${durationText(retainMs)}`,
        )
        .join(', '),
    ]),
  ]);
}

/** What takes a view's history away from the engine is said before it is built. */
function reducerLines({ name, measures }: View): string[] {
  const own = measures.filter(({ kind }) => kind === 'reducer').map((measure) => measure.name);
  if (own.length === 0) return [];
  const which = own.length === 1 ? `measure ${own.join()} is a reducer` : `measures ${own.join(', ')} are reducers`;
  return [`view ${name}: ${which}; its history is folded in JavaScript, not in the engine's SQL`];
}

const effects = {
  additive: 'additive: readers and history stay as they are',
  backfill: 'needs a backfill: history is computed anew from the archive, readers stay',
  breaking: 'breaking: something that events, readers or panes had is lost',
} as const;

function findingLines({ of, name, version, state, against, effect, changes, error }: Finding): string[] {
  const heads = {
    same: 'is as it is locked',
    new: 'is new',
    version: `is a new version, after ${against ?? 'none'}`,
    details: 'differs in what needs no new version',
    changed: 'has changed without a new version',
    below: 'is an unknown old version',
  } as const;
  const told = effect === null || state === 'new' ? '' : ` (${effects[effect]})`;
  return [
    `${of} ${name} version ${version} ${heads[state]}${told}`,
    ...changes.map(
      ({ path, from, to, effect: one, why }) => `  ${path}: ${shown(from)} → ${shown(to)}   ${one}: ${why}`,
    ),
    ...(error === null ? [] : [`  error: ${error}`]),
  ];
}

/** Characters of a value that are shown to people; `--json` has it whole. */
const SHOWN = 100;

function shown(value: CanonicalValue | undefined): string {
  if (value === undefined) return '(none)';
  const text = JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

function lockLine(there: boolean, current: boolean, written: boolean, errors: number): string {
  if (errors > 0) return `${LOCK} was not changed: ${errors} error${errors === 1 ? '' : 's'} above`;
  if (written) return `${LOCK} written: commit it`;
  if (current) return `${LOCK} is current`;
  return `${LOCK} ${there ? 'is not current' : 'is not there yet'}: twofold check --write`;
}
