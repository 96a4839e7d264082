import { getNamedType, getNullableType, isLeafType, isNonNullType, isObjectType, Kind } from 'graphql';
import type { DocumentNode, FieldNode, GraphQLLeafType, GraphQLObjectType, GraphQLSchema } from 'graphql';

/** One member of a row's text. */
export interface RowColumn {
  readonly name: string;
  /** `"alias":` */
  readonly prefix: string;
  readonly type: GraphQLLeafType;
  readonly nullable: boolean;
}

/** How the rows of an answer are written, member by member. Equal keys, equal texts of equal rows. */
export interface RowShape {
  readonly key: string;
  readonly columns: readonly RowColumn[];
  /** Whether a window is complete changes with the time: such texts are not kept. */
  readonly lasting: boolean;
}

const shapes = new WeakMap<FieldNode, RowShape>();

/** The shape of the rows below a view's field, of a document that `rowsArePlain`. Null: no rows are asked for. */
export function rowShapeOf(field: FieldNode | undefined): RowShape | null {
  return field === undefined ? null : (shapes.get(field) ?? null);
}

/**
 * Can the rows that a valid document asks for be written as text, and are there any? Then their shapes are known. Plain
 * are documents without fragments and directives on the way to the rows, which ask for the rows of a field once and
 * without cursors.
 */
export function rowsArePlain(document: DocumentNode, schema: GraphQLSchema): boolean {
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  const root = schema.getQueryType();
  if (operation === undefined || root == null) return false;
  const seen = new Set<string>();
  let found = false;
  for (const field of operation.selectionSet.selections) {
    if (field.kind !== Kind.FIELD || seen.has(responseKey(field))) return false;
    seen.add(responseKey(field));
    const node = nodeTypeOf(root, field);
    if (node === null) continue;
    const below = field.selectionSet?.selections ?? [];
    const rows = below.filter((one) => one.kind !== Kind.FIELD || one.name.value === 'nodes');
    if (rows.length === 0) continue;
    const [one] = rows;
    const edges = below.some((other) => other.kind === Kind.FIELD && other.name.value === 'edges');
    const shape = rows.length > 1 || edges || one?.kind !== Kind.FIELD ? null : shapeOf(one, node);
    if (shape === null) return false;
    shapes.set(field, shape);
    found = true;
  }
  return found;
}

/** The type of a view's rows; null: the field is not a view's. */
function nodeTypeOf(root: GraphQLObjectType, field: FieldNode): GraphQLObjectType | null {
  const connection = getNamedType(root.getFields()[field.name.value]?.type);
  if (!isObjectType(connection)) return null;
  const node = getNamedType(connection.getFields()['nodes']?.type);
  return isObjectType(node) ? node : null;
}

function shapeOf(nodes: FieldNode, type: GraphQLObjectType): RowShape | null {
  const columns = new Map<string, RowColumn>();
  for (const field of nodes.selectionSet?.selections ?? []) {
    if (field.kind !== Kind.FIELD || (field.directives?.length ?? 0) > 0) return null;
    const column = columnOf(field, type);
    if (column === null) return null;
    // The first of two that are equal says where it stands.
    if (!columns.has(column.prefix)) columns.set(column.prefix, column);
  }
  const list = [...columns.values()];
  const key = list.map(({ prefix, name }) => `${prefix}${name}`).join();
  return { key, columns: list, lasting: !list.some(({ name }) => name === 'complete') };
}

function columnOf(field: FieldNode, of: GraphQLObjectType): RowColumn | null {
  const name = field.name.value;
  const declared = of.getFields()[name]?.type;
  const alias = responseKey(field);
  // Names that begin so mean something to GraphQL or to JavaScript.
  if (declared === undefined || alias.startsWith('__')) return null;
  // A list is no leaf, whatever it is a list of.
  const type = getNullableType(declared);
  if (!isLeafType(type)) return null;
  return { name, prefix: `"${alias}":`, type, nullable: !isNonNullType(declared) };
}

function responseKey(field: FieldNode): string {
  return field.alias?.value ?? field.name.value;
}
