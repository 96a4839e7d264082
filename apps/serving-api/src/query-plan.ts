import {
  Kind,
  OperationTypeNode,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  type VariableDefinitionNode,
} from 'graphql';
import { compileQuery, isCompiledQuery, type CompiledQuery } from 'graphql-jit';
import { originOf } from './mask-error.ts';
import { rowsArePlain } from './row-shape.ts';
import { NotPlain } from './row-text.ts';
import type { RequestContext } from './serving-context.ts';

type Variables = Readonly<Record<string, unknown>>;

export interface PlanSchemas {
  readonly schema: GraphQLSchema;
  /** The same, but that the rows of a view are one text. */
  readonly rowTexts: GraphQLSchema;
}

/** A valid document with one operation, compiled. */
export class QueryPlan {
  /** Null: the operation has no name. */
  readonly operationName: string | null;
  readonly #document: DocumentNode;
  readonly #schemas: PlanSchemas;
  readonly #withTexts: CompiledQuery | ExecutionResult | null;
  #withObjects: CompiledQuery | ExecutionResult | null = null;

  constructor(document: DocumentNode, operationName: string | null, schemas: PlanSchemas) {
    this.#document = document;
    this.operationName = operationName;
    this.#schemas = schemas;
    this.#withTexts = rowsArePlain(document, schemas.schema) ? compileQuery(schemas.rowTexts, document) : null;
  }

  async execute(context: RequestContext, variables: Variables): Promise<ExecutionResult> {
    if (this.#withTexts !== null) {
      const result = await run(this.#withTexts, context, variables);
      if (result.errors?.some((error) => originOf(error) instanceof NotPlain) !== true) return result;
    }
    this.#withObjects ??= compileQuery(this.#schemas.schema, this.#document);
    return run(this.#withObjects, context, variables);
  }
}

/** Is it the plan's operation that a client names? */
export function isOperationOf(plan: QueryPlan, name: unknown): boolean {
  return name === undefined || name === null || name === plan.operationName;
}

function run(
  query: CompiledQuery | ExecutionResult,
  context: RequestContext,
  variables: Variables,
): Promise<ExecutionResult> | ExecutionResult {
  return isCompiledQuery(query) ? query.query(undefined, context, variables) : query;
}

/** Plans of queries as long as these are there. Null: the document has several operations, or can not be compiled. */
export function queryPlans(schemas: PlanSchemas): (document: DocumentNode) => QueryPlan | null {
  const plans = new WeakMap<DocumentNode, QueryPlan | null>();
  return (document) => {
    const known = plans.get(document);
    if (known !== undefined) return known;
    const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
    const [one] = operations;
    // What changes something is executed by Yoga each time, as its own executor has it.
    const isQuery = one?.operation === OperationTypeNode.QUERY;
    const compiles = operations.length === 1 && isQuery && !one.variableDefinitions?.some(hasDefaultAndIsRequired);
    const plan = compiles ? new QueryPlan(document, one.name?.value ?? null, schemas) : null;
    plans.set(document, plan);
    return plan;
  };
}

/** The compiler asks for a variable `$x: Int! = 1` although it has a value already. */
function hasDefaultAndIsRequired({ type, defaultValue }: VariableDefinitionNode): boolean {
  return type.kind === Kind.NON_NULL_TYPE && defaultValue !== undefined;
}
