import { Kind, type FieldNode, type GraphQLResolveInfo, type SelectionSetNode } from 'graphql';

/** The fields that a client asks for, by name, over all aliases and fragments. */
export type Selection = ReadonlyMap<string, Selection>;

type Source = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>;

const known = new WeakMap<FieldNode, Selection>();

/** What is asked for below a field. Documents are kept parsed, so each is walked once. */
export function selectionOf(info: Source): Selection {
  const first = info.fieldNodes[0];
  const found = first === undefined ? undefined : known.get(first);
  if (found !== undefined) return found;
  const into: Fields = new Map<string, Fields>();
  for (const node of info.fieldNodes) collect(node.selectionSet, info, into);
  if (first !== undefined) known.set(first, into);
  return into;
}

interface Fields extends Map<string, Fields> {
  readonly size: number;
}

function collect(selections: SelectionSetNode | undefined, info: Source, into: Fields): void {
  for (const node of selections?.selections ?? []) {
    if (node.kind === Kind.FIELD) {
      const below = into.get(node.name.value) ?? new Map<string, Fields>();
      into.set(node.name.value, below);
      collect(node.selectionSet, info, below);
    } else {
      const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : info.fragments[node.name.value];
      collect(fragment?.selectionSet, info, into);
    }
  }
}

/** The fields below a path: `['edges', 'node']`. */
export function below(selection: Selection, ...path: readonly string[]): Selection | undefined {
  let at: Selection | undefined = selection;
  for (const name of path) at = at?.get(name);
  return at;
}
