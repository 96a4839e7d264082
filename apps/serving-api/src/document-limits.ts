import {
  GraphQLError,
  Kind,
  parse,
  type DocumentNode,
  type FragmentDefinitionNode,
  type Source,
  type SelectionSetNode,
} from 'graphql';

const MAX_TOKENS = 3_000;
const MAX_DEPTH = 12;
/** Of `__schema` and `__type`: tools ask for types of types of types. */
const MAX_INTROSPECTION_DEPTH = 24;
const MAX_ALIASES = 100;
const MAX_ROOT_FIELDS = 20;
const MAX_DIRECTIVES = 50;
/** Fields when all fragments are written out. */
const MAX_FIELDS = 2_000;

/** Parses a document and refuses one that is made to be expensive, before it is validated or executed. */
export function parseWithinLimits(source: string | Source): DocumentNode {
  const document = parse(source, { maxTokens: MAX_TOKENS });
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  for (const node of document.definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION) continue;
    const walk = new Walk(fragments);
    walk.directives += node.directives?.length ?? 0;
    walk.visit(node.selectionSet, 1, MAX_DEPTH, []);
  }
  return document;
}

/** Counts one operation with its fragments written out, and stops at the first limit. */
class Walk {
  directives = 0;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  #aliases = 0;
  #fields = 0;
  #rootFields = 0;

  constructor(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.#fragments = fragments;
  }

  visit(selections: SelectionSetNode | undefined, depth: number, maxDepth: number, inside: readonly string[]): void {
    if (selections === undefined) return;
    if (depth > maxDepth) throw tooMuch('levels of fields', maxDepth);
    for (const node of selections.selections) {
      this.directives += node.directives?.length ?? 0;
      if (this.directives > MAX_DIRECTIVES) throw tooMuch('directives', MAX_DIRECTIVES);
      if (node.kind === Kind.FIELD) {
        this.#count(node.alias !== undefined, depth);
        const about = depth === 1 && (node.name.value === '__schema' || node.name.value === '__type');
        this.visit(node.selectionSet, depth + 1, about ? MAX_INTROSPECTION_DEPTH : maxDepth, inside);
      } else if (node.kind === Kind.INLINE_FRAGMENT) this.visit(node.selectionSet, depth, maxDepth, inside);
      else this.#spread(node.name.value, depth, maxDepth, inside);
    }
  }

  #spread(name: string, depth: number, maxDepth: number, inside: readonly string[]): void {
    if (inside.includes(name)) throw new GraphQLError(`Fragment ${name} contains itself.`, { extensions: CODE });
    // A spread costs a step, or empty fragments could fan out without a field.
    this.#count(false, depth + 1);
    this.visit(this.#fragments.get(name)?.selectionSet, depth, maxDepth, [...inside, name]);
  }

  #count(alias: boolean, depth: number): void {
    if (alias && ++this.#aliases > MAX_ALIASES) throw tooMuch('aliases', MAX_ALIASES);
    if (++this.#fields > MAX_FIELDS) throw tooMuch('fields', MAX_FIELDS);
    if (depth === 1 && ++this.#rootFields > MAX_ROOT_FIELDS) throw tooMuch('fields of Query', MAX_ROOT_FIELDS);
  }
}

const CODE = { code: 'DOCUMENT_TOO_LARGE' } as const;

function tooMuch(what: string, limit: number): GraphQLError {
  return new GraphQLError(`The document has more than ${limit} ${what}.`, { extensions: CODE });
}
