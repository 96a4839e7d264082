import { compareBounds, compareTypes, type Verdict } from './compare-fields.ts';
import { declarationChanges, type DeclarationChange, type JudgedChange } from './declaration-changes.ts';
import type { CanonicalValue } from './fingerprint-of.ts';
import type { Field, Stream, UpsertSource } from './stream.ts';

/** A stream's declaration as plain values, words for people and the fingerprint left out: what a lock file keeps. */
export type StreamFacts = Omit<Stream, 'fingerprint' | 'description' | 'change' | '__fields'> & {
  /** Of a change stream: what it is made of, by name, and how. */
  readonly change?: Omit<UpsertSource, 'of'> & { readonly of: string };
};

/** A judged change of a stream; `refuses`: an event that the old version accepts may be rejected by the new one. */
export interface StreamChange extends JudgedChange {
  readonly refuses: boolean;
}

export function streamFacts(stream: Stream): StreamFacts {
  const { description: _description, fingerprint: _fingerprint, __fields: _shapes, change, ...facts } = stream;
  const fields = facts.fields.map((field) => ({ ...field, description: null }));
  return { ...facts, fields, ...(change === undefined ? {} : { change: { ...change, of: change.of.name } }) };
}

/** What differs between two versions of a stream, and what that does to events that are there already. */
export function streamChanges(from: StreamFacts, to: StreamFacts): StreamChange[] {
  return declarationChanges(plain(from), plain(to))
    .filter(({ path }) => path !== 'version')
    .map((change) => {
      const [effect, why, refuses = effect === 'breaking'] = verdictOf(change, from, to);
      return { ...change, effect, why, refuses };
    });
}

/**
 * What the stream's own `compatibility` forbids about a new version, given the versions there were, oldest first. The
 * transitive ones look at all of them, the others at the last.
 */
export function compatibilityFaults(
  history: readonly StreamFacts[],
  to: StreamFacts,
): readonly { readonly version: number; readonly change: StreamChange }[] {
  const mode = to.compatibility;
  const looked = mode.endsWith('_TRANSITIVE') ? history : history.slice(-1);
  return looked.flatMap((from) => {
    const changes: StreamChange[] = [];
    if (mode.startsWith('BACKWARD') || mode.startsWith('FULL'))
      changes.push(...streamChanges(from, to).filter(({ effect }) => effect === 'breaking'));
    if (mode.startsWith('FORWARD') || mode.startsWith('FULL'))
      changes.push(...streamChanges(to, from).filter(({ refuses }) => refuses));
    return changes.map((change) => ({ version: from.version, change }));
  });
}

function plain(facts: StreamFacts): CanonicalValue {
  // Declarations are plain values but for types that TypeScript does not take for an index signature.
  return facts as unknown as CanonicalValue;
}

function verdictOf(change: DeclarationChange, from: StreamFacts, to: StreamFacts): Verdict {
  const [part = '', name = '', member = ''] = change.path.split('.');
  if (part !== 'fields') return streamVerdict(part, change);
  if (name === '') return ['backfill', 'columns stand in another order'];
  const find = (facts: StreamFacts): Field | undefined => facts.fields.find((field) => field.name === name);
  const [before, after] = [find(from), find(to)];
  if (after === undefined) return ['breaking', 'what old events held is no longer read', false];
  if (before === undefined)
    return after.optional
      ? ['additive', 'old events have no value there']
      : ['breaking', 'old events without it are rejected'];
  switch (member) {
    case 'source':
      return ['breaking', 'old events hold it under the old key'];
    case 'record':
      return placeVerdict(change);
    case 'optional':
      return after.optional
        ? ['backfill', 'events without it are accepted now']
        : ['breaking', 'old events without it are rejected'];
    case 'min':
    case 'max':
      return compareBounds(before, after, member);
    case 'type':
      return compareTypes(before.type, after.type, change.path);
    default:
      return ['additive', 'it decides nothing about events'];
  }
}

/** Of a member of a record: where it stands, and what around it may be missing. */
function placeVerdict({ path, to }: DeclarationChange): Verdict {
  if (!path.endsWith('.optional')) return ['breaking', 'old events hold it somewhere else'];
  return to === true
    ? ['backfill', 'events without it are accepted now']
    : ['breaking', 'old events without it are rejected'];
}

function streamVerdict(part: string, { from, to }: DeclarationChange): Verdict {
  switch (part) {
    case 'id': {
      const kept = Array.isArray(from) && Array.isArray(to) && from.every((field) => to.includes(field));
      return kept
        ? ['backfill', 'events that were duplicates may count now']
        : ['breaking', 'events that counted may be duplicates now'];
    }
    case 'eventTime':
      return ['breaking', 'events move to other windows'];
    case 'sliceSize':
      return ['breaking', 'the slice size is fixed for the life of a stream'];
    case 'dedupeHorizon':
      return ['backfill', 'repeated ids are looked for in another range'];
    case 'skewMs':
    case 'maxRecordBytes':
      return typeof to === 'number' && (from === null || (typeof from === 'number' && to < from))
        ? ['breaking', 'events that were accepted are rejected']
        : ['backfill', 'events that were rejected are accepted now'];
    case 'name':
      return ['breaking', 'it is another stream'];
    case 'change':
      return ['breaking', 'its log was made by another operator'];
    case 'latenessMs':
    case 'partitionKey':
    case 'compatibility':
      return ['additive', 'it decides nothing about events'];
    default:
      return ['breaking', 'what it does to old events is not known'];
  }
}
