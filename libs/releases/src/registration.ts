import type { ControlRow, Entry, Release, StreamState, StreamVersion } from './control-row.ts';
import { refuse } from './errors.ts';
import { viewVersionKey } from './lookup.ts';
import { next, type Transition } from './transition.ts';

export interface RegisteredView {
  readonly view: string;
  readonly version: number;
  readonly fingerprint: string;
  readonly stream: string;
}

/** Release 0 (E0): empty builds, every cut at the origin. */
export function registerProject(project: {
  readonly project: string;
  readonly incarnation: string;
  readonly streams: Readonly<Record<string, StreamState>>;
  readonly views: readonly RegisteredView[];
  /** By stream, of a project whose store was lost: what the first builds are to have in force. */
  readonly corrections?: Readonly<Record<string, readonly string[]>>;
}): ControlRow {
  const entries: Record<string, Entry> = {};
  const named: Record<string, string> = {};
  const floors: Record<string, readonly number[]> = {};
  const versionStreams: Record<string, string> = {};
  for (const view of project.views) {
    const origins = project.streams[view.stream]?.origins ?? [];
    const id = `origin:${viewVersionKey(view)}`;
    const corrections = project.corrections?.[view.stream] ?? [];
    entries[id] = { id, ...view, build: null, cut: origins, corrections, watermark: null };
    named[view.view] = id;
    floors[viewVersionKey(view)] = origins;
    versionStreams[viewVersionKey(view)] = view.stream;
  }
  const first: Release = { id: 'release-0', number: 0, entries: named, reason: 'REGISTERED' };
  return {
    format: 1,
    project: project.project,
    incarnation: project.incarnation,
    sequence: 1,
    streams: project.streams,
    entries,
    live: first.id,
    releases: [first],
    candidates: [],
    floors,
    holds: [],
    versionStreams,
  };
}

/** Takes over new partitions of a stream, from their origins (E0). Partitions never go away. */
export function growPartitions(row: ControlRow, stream: string, origins: readonly number[]): Transition {
  const state = row.streams[stream];
  if (state === undefined)
    return refuse('UNKNOWN_STREAM', `stream ${stream} is not registered in project ${row.project}`);
  if (origins.length < state.origins.length || !state.origins.every((origin, i) => origin === origins[i]))
    return refuse(
      'PARTITIONS_SHRINK',
      `stream ${stream} has ${state.origins.length} partitions with recorded origins; they can only grow`,
    );
  return next(row, { streams: { ...row.streams, [stream]: { ...state, origins } } });
}

/** Does a stream have this version, or did it? */
export function knowsVersion(state: StreamState, { fingerprint }: StreamVersion): boolean {
  return [state, ...(state.former ?? [])].some((known) => known.fingerprint === fingerprint);
}

/** A new version of a stream (E9): candidates of views over it may come; those over former ones go on. Versions only rise. */
export function nextStreamVersion(
  row: ControlRow,
  stream: string,
  { version, fingerprint }: StreamVersion,
): Transition {
  const state = row.streams[stream];
  if (state === undefined)
    return refuse('UNKNOWN_STREAM', `stream ${stream} is not registered in project ${row.project}`);
  if (knowsVersion(state, { version, fingerprint }))
    return refuse('ALREADY_REGISTERED', `stream ${stream} has version ${version} already`);
  if (version <= state.version)
    return refuse(
      'STREAM_VERSION',
      `stream ${stream} has version ${state.version}, and versions only rise: ${version} does not follow it`,
    );
  const former = [...(state.former ?? []), { version: state.version, fingerprint: state.fingerprint }];
  return next(row, { streams: { ...row.streams, [stream]: { ...state, version, fingerprint, former } } });
}

/** Adds a stream that the project did not know (with its first view as a candidate afterwards). */
export function addStream(row: ControlRow, stream: string, state: StreamState): Transition {
  if (row.streams[stream] !== undefined) return refuse('ALREADY_REGISTERED', `stream ${stream} is registered already`);
  return next(row, { streams: { ...row.streams, [stream]: state } });
}
