import { addStream, growPartitions, registerProject, type ControlRow, type StreamState } from '@twofold/releases';
import type { View } from '@twofold/views';
import { changeControl, readControl, type ControlChange } from './change-control.ts';
import { BatchError } from './errors.ts';
import type { BatchPorts, BatchProject, StreamTopic } from './ports.ts';
import { requireSameVersion } from './source-files.ts';

type RegisterPorts = Pick<BatchPorts, 'log' | 'archive' | 'store' | 'clock'>;

/**
 * Sees to it that the project's control row exists and knows every stream and partition (E0): writes release 0, takes
 * over new streams and new partitions from their log's start. Safe when several processes do it at once.
 */
export async function ensureRegistered(
  project: BatchProject,
  ports: RegisterPorts,
  signal?: AbortSignal,
): Promise<ControlRow> {
  const states: Record<string, StreamState> = {};
  for (const topic of project.streams) states[topic.stream.name] = await streamState(topic, ports);
  if ((await readControl(ports.store.control, ports.clock, signal)) === null) {
    // The first row, or the first after the store was lost: then the archive may know the streams from before.
    for (const { stream } of project.streams)
      for (const file of (await ports.archive.head(stream.name)).files)
        await requireSameVersion(stream, file, ports.archive);
    const corrections: Record<string, readonly string[]> = {};
    for (const { stream } of project.streams) corrections[stream.name] = await lastInForce(stream.name, ports);
    const first = registerProject({
      project: project.id,
      incarnation: ports.store.incarnation,
      streams: states,
      views: project.views.map(registeredView),
      corrections,
    });
    if (await ports.store.control.create(first)) return first;
  }
  let row = await mustRead(ports, signal);
  for (const { stream } of project.streams) {
    const state = states[stream.name];
    if (state !== undefined) row = await takeOver(stream.name, state, row, ports, signal);
  }
  checkViews(project.views, row);
  return row;
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
  const known = row.streams[name];
  if (known !== undefined) checkStream(name, known, found);
  if (known !== undefined && known.origins.length >= found.origins.length) return row;
  const there = (now: ControlRow): boolean => (now.streams[name]?.origins.length ?? 0) >= found.origins.length;
  const change: ControlChange = {
    make: (now) => {
      const state = now.streams[name];
      if (state === undefined) return addStream(now, name, found);
      // Origins that are recorded stay; only partitions that nobody took over get the start their log has now.
      return there(now)
        ? null
        : growPartitions(now, name, [...state.origins, ...found.origins.slice(state.origins.length)]);
    },
    effect: (now) => (there(now) ? 'DONE' : 'NOT_DONE'),
  };
  const outcome = await changeControl(ports.store.control, ports.clock, change, signal);
  if (outcome.kind === 'REFUSED') throw new BatchError('CANDIDATE_REFUSED', outcome.refusal.message);
  return mustRead(ports, signal);
}

function checkStream(name: string, known: StreamState, found: StreamState): void {
  if (known.logIdentity !== found.logIdentity)
    throw new BatchError(
      'LOG_REPLACED',
      `stream ${name}: the log is ${found.logIdentity}, the project was registered with ${known.logIdentity}. The topic was deleted and created again. Restore the log, or register a new project.`,
    );
  if (known.fingerprint !== found.fingerprint || known.sliceSize !== found.sliceSize)
    throw new BatchError(
      'STREAM_DIFFERS',
      `stream ${name} is declared otherwise than it was registered (version ${found.version}, fingerprint ${found.fingerprint}; registered version ${known.version}, fingerprint ${known.fingerprint}). Its views and its archive were classified by the old declaration, and this release can not yet carry a running project to a new version of a stream. Nothing was changed. Put the declaration back, or declare the change as a stream of another name.`,
      { facts: { stream: name, declared: found.fingerprint, registered: known.fingerprint } },
    );
}

/** A view whose definition changed without a new version would mix two meanings in one row (E4). */
function checkViews(views: readonly View[], row: ControlRow): void {
  for (const view of views)
    for (const entry of Object.values(row.entries))
      if (entry.view === view.name && entry.version === view.version && entry.fingerprint !== view.fingerprint)
        throw new BatchError(
          'VIEW_DIFFERS',
          `view ${view.name} version ${view.version} is declared otherwise than it was built (fingerprint ${view.fingerprint}, built ${entry.fingerprint}). Raise its version: the new one is built beside the old and promoted.`,
        );
}
