import { canonicalJson, type CanonicalValue } from './fingerprint-of.ts';

/** What happens to history and readers: nothing, it is computed anew from the archive, or something they had is lost. */
export type ChangeEffect = 'additive' | 'backfill' | 'breaking';

/** One difference between two declarations. An absent value is undefined, which is not null. */
export interface DeclarationChange {
  /** `fields.temperature.max`, `measures.worst`. */
  readonly path: string;
  readonly from: CanonicalValue | undefined;
  readonly to: CanonicalValue | undefined;
}

/** A change with what follows from it, in words. */
export interface JudgedChange extends DeclarationChange {
  readonly effect: ChangeEffect;
  readonly why: string;
}

type Members = Readonly<Record<string, CanonicalValue>>;

/**
 * What differs between two declarations as plain values, member by member, sorted as they stand. Lists of named things
 * are compared by name, and their order apart; things that have a `kind`, and not the same one, are one change.
 */
export function declarationChanges(
  from: CanonicalValue | undefined,
  to: CanonicalValue | undefined,
  path = '',
): DeclarationChange[] {
  if (from !== undefined && to !== undefined) {
    if (canonicalJson(from) === canonicalJson(to)) return [];
    if (isMembers(from) && isMembers(to) && from['kind'] === to['kind']) return memberChanges(from, to, path);
    const [named, others] = [byName(from), byName(to)];
    if (named !== null && others !== null) {
      const changes = memberChanges(named, others, path);
      // The same things in another order.
      return changes.length > 0 ? changes : [{ path, from: Object.keys(named), to: Object.keys(others) }];
    }
  }
  return [{ path, from, to }];
}

function memberChanges(from: Members, to: Members, path: string): DeclarationChange[] {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  return names.flatMap((name) => {
    const [a, b] = [from, to].map((members) => (Object.hasOwn(members, name) ? members[name] : undefined));
    if (a === undefined && b === undefined) return [];
    return declarationChanges(a, b, path === '' ? name : `${path}.${name}`);
  });
}

/** A list of things with names of their own, by name; null for any other value. An empty list is one. */
function byName(value: CanonicalValue): Members | null {
  if (!Array.isArray(value)) return null;
  const list: readonly CanonicalValue[] = value;
  const named = list.flatMap((one): [string, CanonicalValue][] =>
    isMembers(one) && typeof one['name'] === 'string' ? [[one['name'], one]] : [],
  );
  return named.length === list.length ? Object.fromEntries(named) : null;
}

function isMembers(value: CanonicalValue | undefined): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The worst of some effects; null when there are none. */
export function worstEffect(changes: readonly { readonly effect: ChangeEffect }[]): ChangeEffect | null {
  for (const effect of ['breaking', 'backfill', 'additive'] as const)
    if (changes.some((change) => change.effect === effect)) return effect;
  return null;
}
