import { declarationChanges, type CanonicalValue, type ChangeEffect, type JudgedChange } from '@twofold/schemas';
import { expressionText } from './expression-text.ts';
import type { Expr } from './expression.ts';
import type { View } from './view.ts';

/** A view's declaration as plain values, expressions as people read them: what a lock file keeps. */
export type ViewFacts = Readonly<Record<string, CanonicalValue>>;

export function viewFacts(view: View): ViewFacts {
  const { stream, description: _description, fingerprint: _fingerprint, components: _parts, ...declared } = view;
  const facts = plainOf(declared);
  const measures = view.measures.map(({ description: _words, ...measure }) => plainOf(told(measure)));
  const of = { name: stream.name, version: stream.version, fingerprint: stream.fingerprint };
  // A cron expression that stands for itself is kept as it was written.
  const schedule = view.schedule?.name === view.schedule?.cron ? (view.schedule?.cron ?? null) : plainOf(view.schedule);
  return { ...(isMembers(facts) ? facts : {}), measures, schedule, stream: of };
}

/** Of a reducer, what tells it from another: its functions are texts that tools lay out in ways of their own. */
function told(measure: object): object {
  if (!('reducer' in measure) || typeof measure.reducer !== 'object' || measure.reducer === null) return measure;
  const { reducer, ...more } = measure;
  return {
    ...more,
    reducer: Object.fromEntries(Object.entries(reducer).filter(([, part]) => typeof part !== 'function')),
  };
}

/** What differs between two versions of a view, and what that does to those who read it. */
export function viewChanges(from: ViewFacts, to: ViewFacts): JudgedChange[] {
  // Levels have no name: their width is one.
  return declarationChanges(withNamedLevels(from), withNamedLevels(to))
    .filter(({ path }) => path !== 'version')
    .map((change) => {
      const [effect, why] = verdictOf(change.path, change.from, change.to);
      return { ...change, effect, why };
    });
}

type Verdict = readonly [ChangeEffect, string];

function verdictOf(path: string, from: CanonicalValue | undefined, to: CanonicalValue | undefined): Verdict {
  const [part = '', name = '', member = ''] = path.split('.');
  switch (part) {
    case 'measures':
      if (name === '') return ['backfill', 'components stand in another order'];
      if (member === 'unit') return ['additive', 'it is a word for people'];
      if (member !== '') return ['backfill', 'its numbers are made of something else'];
      if (from === undefined) return ['additive', 'a column more'];
      return ['breaking', to === undefined ? 'readers of the column fail' : 'the column means something else'];
    case 'derived':
      if (from === undefined) return ['additive', 'a column more, made when an answer is read'];
      return to === undefined
        ? ['breaking', 'readers of the column fail']
        : ['additive', 'made when an answer is read'];
    case 'dimensions':
      return ['breaking', 'rows have another key'];
    case 'where':
      return ['backfill', 'other events count'];
    case 'window':
      return ['backfill', 'rows speak of other windows'];
    case 'levels':
      return levelVerdict(member, from, to);
    case 'serve':
      return isExtended(from, to)
        ? ['additive', 'an access path more']
        : ['breaking', 'queries by an access path that is gone fail'];
    case 'stream':
      return name === 'name'
        ? ['breaking', 'it is made of another stream']
        : ['backfill', 'events are read by another version of the stream'];
    case 'buckets':
      return ['backfill', 'keys are spread otherwise'];
    case 'schedule':
    case 'freshness':
    case 'owner':
      return ['additive', 'it decides nothing about numbers'];
    default:
      return ['backfill', 'what it does to numbers is not known'];
  }
}

function levelVerdict(member: string, from: CanonicalValue | undefined, to: CanonicalValue | undefined): Verdict {
  if (from === undefined) return ['backfill', 'panes of a new width are stored'];
  if (to === undefined) return ['breaking', 'what only these panes can express is refused'];
  if (member !== 'retainMs') return ['backfill', 'panes of another width are stored'];
  const longer = to === null || (typeof from === 'number' && typeof to === 'number' && to > from);
  return longer ? ['additive', 'panes are kept for longer'] : ['breaking', 'panes expire sooner'];
}

function isExtended(from: CanonicalValue | undefined, to: CanonicalValue | undefined): boolean {
  if (!Array.isArray(from) || !Array.isArray(to)) return false;
  const paths = new Set(to.map((path) => JSON.stringify(path)));
  return from.every((path) => paths.has(JSON.stringify(path)));
}

function withNamedLevels(facts: ViewFacts): ViewFacts {
  const { levels } = facts;
  if (!Array.isArray(levels)) return facts;
  const list: readonly CanonicalValue[] = levels;
  const named = list.map((level) =>
    isMembers(level) ? { name: `${JSON.stringify(level['widthMs'])}ms`, ...level } : level,
  );
  return { ...facts, levels: named };
}

/** Plain values of a declaration; an expression becomes its text, what is no value is left out. */
function plainOf(value: unknown): CanonicalValue {
  if (isExpr(value)) return expressionText(value);
  if (Array.isArray(value)) return value.map(plainOf);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function') return value.toString();
  if (typeof value !== 'object' || value === null)
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, plainOf(member)]));
}

/** Only expressions have both: a kind of measure or window has no operator. */
function isExpr(value: unknown): value is Expr {
  return typeof value === 'object' && value !== null && 'op' in value && 'type' in value;
}

function isMembers(value: CanonicalValue | undefined): value is ViewFacts {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
