import {
  addStream,
  growPartitions,
  knowsVersion,
  nextStreamVersion,
  registerProject,
  type ControlRow,
  type StreamState,
} from '@twofold/releases';
import { isTwofoldError, type TwofoldError } from '@twofold/schemas';
import type { View } from '@twofold/views';
import { changeControl, readControl, type ControlChange } from './change-control.ts';
import { BatchError } from './errors.ts';
import type { BatchPorts, BatchProject, StreamTopic } from './ports.ts';
import { checkArchivedLog } from './same-log.ts';

type RegisterPorts = Pick<BatchPorts, 'log' | 'archive' | 'store' | 'clock'>;

/** A project's control row, and the streams that stand still. */
export interface Registered {
  readonly row: ControlRow;
  /** Stream → why nothing of its log is taken over or archived for now: its log is another one, or not to be reached. */
  readonly stopped: ReadonlyMap<string, TwofoldError>;
}

/**
 * Sees to it that the project's control row exists and knows every stream and partition (E0): writes release 0, takes
 * over new streams and new partitions from their log's start. Safe when several processes do it at once.
 * @throws also what stops one stream, after the others were taken over
 */
export async function ensureRegistered(
  project: BatchProject,
  ports: RegisterPorts,
  signal?: AbortSignal,
): Promise<ControlRow> {
  const { row, stopped } = await registerStreams(project, ports, signal);
  for (const error of stopped.values()) throw error;
  return row;
}

/** The same; a stream whose log can not be followed stops no other one (E7). */
export async function registerStreams(
  project: BatchProject,
  ports: RegisterPorts,
  signal?: AbortSignal,
): Promise<Registered> {
  const stopped = new Map<string, TwofoldError>();
  const states: Record<string, StreamState> = {};
  for (const topic of project.streams)
    try {
      states[topic.stream.name] = await streamState(topic, ports);
    } catch (error) {
      if (signal?.aborted === true || !isTwofoldError(error)) throw error;
      stopped.set(topic.stream.name, error);
    }
  if ((await readControl(ports.store.control, ports.clock, signal)) === null) {
    // The first row knows them all, from their origins on.
    for (const error of stopped.values()) throw error;
    for (const topic of project.streams) await checkArchivedLog(topic, ports);
    const first = await firstRow(project, states, ports);
    if (await ports.store.control.create(first)) return { row: first, stopped };
  }
  let row = await mustRead(ports, signal);
  // Everything is looked at before anything is changed: a project that is refused leaves the row as it was.
  checkViews(project.views, row);
  for (const [name, state] of Object.entries(states)) {
    const replaced = replacedLog(name, row.streams[name], state);
    if (replaced === null) checkStream(name, row.streams[name], state);
    else stopped.set(name, replaced);
  }
  for (const [name, state] of Object.entries(states))
    if (!stopped.has(name)) row = await takeOver(name, state, row, ports, signal);
  return { row, stopped };
}

/** The first row, or the first after the store was lost: then the archive may know the streams from before. */
async function firstRow(
  project: BatchProject,
  streams: Readonly<Record<string, StreamState>>,
  ports: RegisterPorts,
): Promise<ControlRow> {
  const corrections: Record<string, readonly string[]> = {};
  for (const { stream } of project.streams) corrections[stream.name] = await lastInForce(stream.name, ports);
  const views = project.views.map(registeredView);
  return registerProject({
    project: project.id,
    incarnation: ports.store.incarnation,
    streams,
    views,
    corrections,
  });
}

/** What was in force last, with every redaction that the archive names: it lacks those records, whatever was noted. */
async function lastInForce(stream: string, { archive }: RegisterPorts): Promise<readonly string[]> {
  const shelf = archive.corrections(stream);
  const noted = await shelf.lastInForce();
  const { redactions } = await archive.head(stream);
  if (redactions.length === 0) return noted;
  const list = await shelf.list();
  return [...new Set([...noted, ...redactions.flatMap((number) => list[number]?.id ?? [])])];
}

export function registeredView(view: View): { view: string; version: number; fingerprint: string; stream: string } {
  return { view: view.name, version: view.version, fingerprint: view.fingerprint, stream: view.stream.name };
}

async function mustRead(ports: RegisterPorts, signal?: AbortSignal): Promise<ControlRow> {
  const row = await readControl(ports.store.control, ports.clock, signal);
  if (row === null)
    throw new BatchError(
      'NOT_REGISTERED',
      'the control row was written and is not there; is the store being replaced?',
      { retryable: true },
    );
  return row;
}

async function streamState({ stream, topic }: StreamTopic, ports: RegisterPorts): Promise<StreamState> {
  const partitions = await ports.log.partitions(topic);
  // The manifest chain remembers the origins, also when the control row was lost with its store.
  const origins = [...(await ports.archive.head(stream.name)).origins];
  for (const { partition, start } of partitions) origins[partition] ??= start;
  return {
    version: stream.version,
    fingerprint: stream.fingerprint,
    sliceSize: stream.sliceSize,
    logIdentity: await ports.log.identity(topic),
    origins,
  };
}

async function takeOver(
  name: string,
  found: StreamState,
  row: ControlRow,
  ports: RegisterPorts,
  signal?: AbortSignal,
): Promise<ControlRow> {
  const isGrown = (now: ControlRow): boolean => (now.streams[name]?.origins.length ?? 0) >= found.origins.length;
  const grown: ControlChange = {
    make: (now) => {
      const state = now.streams[name];
      if (state === undefined) return addStream(now, name, found);
      // Origins that are recorded stay; only partitions that nobody took over get the start their log has now.
      return isGrown(now)
        ? null
        : growPartitions(now, name, [...state.origins, ...found.origins.slice(state.origins.length)]);
    },
    effect: (now) => (isGrown(now) ? 'DONE' : 'NOT_DONE'),
  };
  const isKnown = (now: ControlRow): boolean => {
    const state = now.streams[name];
    return state !== undefined && knowsVersion(state, found);
  };
  const versioned: ControlChange = {
    make: (now) => (isKnown(now) ? null : nextStreamVersion(now, name, found)),
    effect: (now) => (isKnown(now) ? 'DONE' : 'NOT_DONE'),
  };
  for (const change of [grown, versioned]) {
    if (change.effect(row, false) === 'DONE') continue;
    const outcome = await changeControl(ports.store.control, ports.clock, change, signal);
    if (outcome.kind === 'REFUSED') throw new BatchError('CANDIDATE_REFUSED', outcome.refusal.message);
    row = await mustRead(ports, signal);
  }
  return row;
}

/** Null: it is the log that the project was registered with (E7). */
function replacedLog(name: string, known: StreamState | undefined, found: StreamState): BatchError | null {
  if (known === undefined || known.logIdentity === found.logIdentity) return null;
  return new BatchError(
    'LOG_REPLACED',
    `stream ${name}: the log is ${found.logIdentity}, the project was registered with ${known.logIdentity}. The topic was deleted and created again; nothing of it is archived, and the views of this stream stay as they are. Restore the log, or register a new project.`,
    { facts: { stream: name, found: found.logIdentity, registered: known.logIdentity } },
  );
}

/** A declaration that was registered before goes on; one that was not has to be a version above all of them (E9). */
function checkStream(name: string, known: StreamState | undefined, found: StreamState): void {
  if (known === undefined) return;
  const facts = { stream: name, declared: found.fingerprint, registered: known.fingerprint };
  if (known.sliceSize !== found.sliceSize)
    throw new BatchError(
      'STREAM_DIFFERS',
      `stream ${name} is declared with slices of ${found.sliceSize} and was registered with ${known.sliceSize}: slices are for the life of a stream (E1). Nothing was changed. Put sliceSize back, or declare the change as a stream of another name.`,
      { facts },
    );
  if (!knowsVersion(known, found) && found.version <= known.version)
    throw new BatchError(
      'STREAM_DIFFERS',
      `stream ${name} version ${found.version} is declared otherwise than it was registered (fingerprint ${found.fingerprint}; registered version ${known.version}, fingerprint ${known.fingerprint}). Nothing was changed. Raise the stream's version to ${known.version + 1}, and those of its views: archived records are then read anew from their original bytes, beside what is served. Or put the declaration back.`,
      { facts },
    );
}

/** A view whose definition changed without a new version would mix two meanings in one row (E4). */
function checkViews(views: readonly View[], row: ControlRow): void {
  for (const view of views)
    for (const entry of Object.values(row.entries))
      if (entry.view === view.name && entry.version === view.version && entry.fingerprint !== view.fingerprint)
        throw new BatchError(
          'VIEW_DIFFERS',
          `view ${view.name} version ${view.version} is declared otherwise than it was built (fingerprint ${view.fingerprint}, built ${entry.fingerprint}), itself or its stream. Raise its version: the new one is built beside the old and promoted.`,
        );
}
