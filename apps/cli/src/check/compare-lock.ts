import {
  canonicalJson,
  compatibilityFaults,
  streamChanges,
  streamFacts,
  worstEffect,
  type CanonicalValue,
  type ChangeEffect,
  type JudgedChange,
  type StreamFacts,
} from '@twofold/schemas';
import { viewChanges, viewFacts, type Project, type ViewFacts } from '@twofold/views';
import type { Locked, LockedVersions, LockFile } from './lock-file.ts';

/** What the lock file says of one declaration. */
export interface Finding {
  readonly of: 'stream' | 'view';
  readonly name: string;
  readonly version: number;
  /**
   * `same`; `new`: not in the lock; `version`: a new version; `details`: what needs no version differs; `changed`: the
   * version has another meaning in the lock; `below`: a version that was never locked, lower than one that was.
   */
  readonly state: 'same' | 'new' | 'version' | 'details' | 'changed' | 'below';
  /** The locked version that `changes` are counted from. */
  readonly against: number | null;
  readonly effect: ChangeEffect | null;
  readonly changes: readonly JudgedChange[];
  /** What is wrong and what to do; null when the declaration can be locked as it is. */
  readonly error: string | null;
}

export interface LockComparison {
  readonly findings: readonly Finding[];
  /** Locked, and no longer declared: `view oldOne`. */
  readonly gone: readonly string[];
  /** The lock as it has to be. Says nothing of findings with an error but what was locked before. */
  readonly lock: LockFile;
}

interface Declared<Facts> {
  readonly of: 'stream' | 'view';
  readonly name: string;
  readonly version: number;
  readonly fingerprint: string;
  readonly facts: Facts;
}

/** How declarations of one sort are compared. */
interface Rules<Facts> {
  readonly changes: (from: Facts, to: Facts) => readonly JudgedChange[];
  /** Why a new version may not follow these, oldest first. */
  readonly refusal: (history: readonly Facts[], to: Facts) => string | null;
}

/** Compares a project with its lock. `accepted`: names whose locked version was never deployed, and may be replaced. */
export function compareLock(project: Project, lock: LockFile | null, accepted: ReadonlySet<string>): LockComparison {
  const streams = project.streams.map((one): Declared<StreamFacts> => ({
    of: 'stream',
    ...identity(one),
    facts: streamFacts(one),
  }));
  const views = project.views.map((one): Declared<ViewFacts> => ({
    of: 'view',
    ...identity(one),
    facts: viewFacts(one),
  }));
  const known = { streams: lock?.streams ?? {}, views: lock?.views ?? {} };
  const [ofStreams, lockedStreams] = compareAll(streams, known.streams, streamRules, accepted);
  const [ofViews, lockedViews] = compareAll(views, known.views, viewRules, accepted);
  const gone = [
    ...Object.keys(known.streams).flatMap((name) =>
      streams.some((one) => one.name === name) ? [] : [`stream ${name}`],
    ),
    ...Object.keys(known.views).flatMap((name) => (views.some((one) => one.name === name) ? [] : [`view ${name}`])),
  ];
  return {
    findings: [...ofStreams, ...ofViews],
    gone,
    lock: { format: 1, project: project.id, streams: lockedStreams, views: lockedViews },
  };
}

const identity = ({ name, version, fingerprint }: { name: string; version: number; fingerprint: string }) => ({
  name,
  version,
  fingerprint,
});

const streamRules: Rules<StreamFacts> = {
  changes: streamChanges,
  refusal: (history, to) => {
    const faults = compatibilityFaults(history, to);
    if (faults.length === 0) return null;
    const list = faults.map(({ version, change }) => `${change.path} (version ${version}): ${change.why}`).join('; ');
    return `the stream is declared ${to.compatibility}, and this is not: ${list}. Make the change one that old events pass (a new field .optional(), bounds no narrower), declare another stream, or give up the promise with compatibility: 'NONE'.`;
  },
};

const viewRules: Rules<ViewFacts> = { changes: viewChanges, refusal: () => null };

function compareAll<Facts>(
  declared: readonly Declared<Facts>[],
  known: LockedVersions<Facts>,
  rules: Rules<Facts>,
  accepted: ReadonlySet<string>,
): [Finding[], LockedVersions<Facts>] {
  const locked: Record<string, Readonly<Record<string, Locked<Facts>>>> = { ...known };
  const findings = declared.map((one) => {
    const versions = known[one.name] ?? {};
    const finding = compareOne(one, versions, rules, accepted.has(one.name));
    const entry = { fingerprint: one.fingerprint, declaration: one.facts };
    if (finding.error === null) locked[one.name] = { ...versions, [one.version]: entry };
    return finding;
  });
  return [findings, locked];
}

function compareOne<Facts>(
  one: Declared<Facts>,
  versions: Readonly<Record<string, Locked<Facts>>>,
  rules: Rules<Facts>,
  accepted: boolean,
): Finding {
  const { of, name, version, facts } = one;
  const numbers = Object.keys(versions)
    .map(Number)
    .sort((a, b) => a - b);
  const last = numbers.at(-1) ?? null;
  const against = Object.hasOwn(versions, version) ? version : last;
  const before = against === null ? undefined : versions[against];
  const found = { of, name, version, against };
  if (before === undefined) return { ...found, state: 'new', effect: 'additive', changes: [], error: null };
  const changes = rules.changes(before.declaration, facts);
  const judged = { ...found, changes, effect: worstEffect(changes) };
  if (against === version) {
    if (before.fingerprint !== one.fingerprint)
      return {
        ...judged,
        state: 'changed',
        error: accepted ? null : changedWithoutVersion(one, changes, (last ?? version) + 1),
      };
    const same = canonicalText(before.declaration) === canonicalText(facts);
    return { ...judged, state: same ? 'same' : 'details', error: null };
  }
  if (version < (last ?? 0)) {
    const error = `version ${version} was never locked, and version ${last} was: versions only rise. Declare version ${(last ?? 0) + 1}.`;
    return { ...judged, state: 'below', error };
  }
  const history = numbers.flatMap((number) => versions[number]?.declaration ?? []);
  return { ...judged, state: 'version', error: accepted ? null : rules.refusal(history, facts) };
}

function changedWithoutVersion(
  { of, name, version }: Declared<unknown>,
  changes: readonly JudgedChange[],
  next: number,
): string {
  const what =
    changes.length > 0
      ? 'is declared otherwise than it is locked'
      : 'is declared as it is locked, but this release of Twofold computes it otherwise';
  return `${of} ${name} version ${version} ${what}. Raise its version to ${next}: the new one is built beside the old. If version ${version} was never deployed: twofold check --write --accept ${name}`;
}

function canonicalText(facts: unknown): string {
  return canonicalJson(facts as CanonicalValue);
}
