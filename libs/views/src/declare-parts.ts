import { isChangeField, type Field, type FieldShapes, type Stream } from '@twofold/schemas';
import { measureValue, type DerivedNumber } from './declare-derived.ts';
import { checkedCountBy, checkedHistogram } from './declare-counts.ts';
import type { MeasureBuilder, MeasureDraft } from './declare-measures.ts';
import { checkedReducer } from './declare-reducer.ts';
import { distinctOf, checkedQuantile } from './declare-sketches.ts';
import { ViewError, type ReportProblem } from './errors.ts';
import { BooleanExpression } from './expression-base.ts';
import { NumberExpression, TextExpression, TimeExpression } from './expression-builders.ts';
import { fieldDraft, type ExpressionDraft } from './expression-draft.ts';
import type { Expr } from './expression.ts';
import { expressionText } from './expression-text.ts';
import { BytesExpression, ListExpression } from './held-expressions.ts';
import type {
  DerivedBuilders,
  DimensionBuilders,
  EventFields,
  MeasureBuilders,
  MeasureFields,
  ViewDeclaration,
} from './view-declaration.ts';
import type { Dimension, Measure, View } from './view.ts';

const varianceLimit = 2 ** 43;

/** The parts of a declaration that are made of expressions. */
export type DeclaredParts = Pick<View, 'where' | 'dimensions' | 'measures' | 'derived'>;

/** Runs the functions of a declaration over the stream's fields, and reports what is wrong with what they give. */
export function declaredParts<
  F extends FieldShapes,
  D extends DimensionBuilders,
  M extends MeasureBuilders,
  X extends DerivedBuilders,
>(declaration: ViewDeclaration<F, D, M, X>, report: ReportProblem): DeclaredParts {
  const event = eventFields<F>(declaration.from);
  const where = attempt('where', report, () => declaration.where?.(event) ?? null);
  const dimensions = attempt('dimensions', report, () => declaration.dimensions(event));
  const measures: MeasureBuilders = attempt('measures', report, () => declaration.measures(event)) ?? {};
  // The names are those of M; only the type checker cannot follow.
  const finished = measureFields(measures) as unknown as MeasureFields<M>;
  const derived = attempt('derived', report, () => declaration.derived?.(finished) ?? null);
  return {
    where: where === null ? null : whereOf(where, report),
    dimensions: dimensionsOf(dimensions ?? {}, report),
    measures: Object.entries(measures).map(([name, builder]) => measureOf(name, builder, report)),
    derived: derivedOf(derived ?? {}, report),
  };
}

/** The fields as expressions. A name that is none is refused also where no compiler looks. */
export function eventFields<F extends FieldShapes>(stream: Stream<F>): EventFields<F> {
  // The shapes F are derived from the same fields; only the type checker cannot follow.
  return fieldsWithin(ownFields(stream), 0, `The stream '${stream.name}'`) as unknown as EventFields<F>;
}

/** Fields that stand in so many records, by name; those of records within by the record's name. */
function fieldsWithin(fields: readonly Field[], depth: number, what: string): Readonly<Record<string, unknown>> {
  const byName = new Map<string, unknown>();
  for (const field of fields) {
    const step = field.record?.path[depth];
    if (step === undefined)
      byName.set(field.record?.member ?? field.name, heldOf(field) ?? expressionOf(fieldDraft(field)));
    else if (!byName.has(step.name)) {
      const inside = fields.filter(({ record }) => record?.path[depth]?.name === step.name);
      byName.set(step.name, fieldsWithin(inside, depth + 1, `The record '${step.name}'`));
    }
  }
  return refusing(Object.fromEntries(byName), `${what} has no field`);
}

/** The same where the fields are known by name only; those of bytes and lists are left out. */
export function fieldExpressions(stream: Stream): DimensionBuilders {
  const plain = ownFields(stream).filter((field) => heldOf(field) === null);
  const fields = plain.map((field) => [field.name, expressionOf(fieldDraft(field))] as const);
  return refusing(Object.fromEntries(fields), `The stream '${stream.name}' has no field`);
}

function ownFields(stream: Stream): readonly Field[] {
  return stream.fields.filter(({ name }) => stream.change === undefined || !isChangeField(name));
}

/** Null: it is no field of bytes and no list. */
function heldOf(field: Field): BytesExpression | ListExpression | null {
  if (field.type.kind === 'bytes') return new BytesExpression(fieldDraft(field));
  return field.type.kind === 'list' ? new ListExpression(fieldDraft(field), field.type.of) : null;
}

function expressionOf(draft: ExpressionDraft): DimensionBuilders[string] {
  const { kind } = draft.expr.type;
  if (kind === 'number') return new NumberExpression(draft);
  if (kind === 'boolean') return new BooleanExpression(draft);
  return kind === 'text' ? new TextExpression(draft) : new TimeExpression(kind, draft);
}

function refusing<T>(members: Readonly<Record<string, T>>, what: string): Readonly<Record<string, T>> {
  return new Proxy(members, {
    get: (target, name) => {
      if (typeof name === 'string' && Object.hasOwn(target, name)) return target[name];
      const known = Object.keys(target).join(', ');
      throw new ViewError('INVALID_EXPRESSION', `${what} '${String(name)}'. There are: ${known}.`);
    },
  });
}

/** Runs a part of the declaration; a name it should not have used becomes a problem of that part. */
function attempt<T>(path: string, report: ReportProblem, part: () => T): T | null {
  try {
    return part();
  } catch (error) {
    if (!(error instanceof ViewError)) throw error;
    report('NOT_DECLARED', path, error.message);
    return null;
  }
}

/** The condition of a view or an alarm, its faults reported. */
export function whereOf(condition: BooleanExpression, report: ReportProblem, path = 'where'): Expr {
  const { expr } = condition.draft;
  reportFaults(path, condition.draft, report);
  if (expr.type.kind !== 'boolean') report('KIND_INVALID', path, `'${expressionText(expr)}' is no condition.`);
  return expr;
}

function dimensionsOf(builders: DimensionBuilders, report: ReportProblem): Dimension[] {
  return Object.entries(builders).map(([name, { draft }]) => {
    reportFaults(`dimensions.${name}`, draft, report);
    return { name, expr: draft.expr };
  });
}

function measureOf(name: string, builder: MeasureBuilder, report: ReportProblem): Measure {
  const { kind, of, unit, description } = builder.draft;
  const path = `measures.${name}`;
  if (of !== null) reportFaults(path, of, report);
  if (kind === 'count') return { name, description, unit, kind, of: of?.expr ?? null };
  if (kind === 'reducer') {
    for (const [, draft] of builder.draft.reducer?.inputs ?? []) reportFaults(path, draft, report);
    const checked = checkedReducer(builder.draft, path, report);
    if (checked !== null) return { name, description, unit, ...checked };
  }
  if (of === null || kind === 'reducer') {
    report('KIND_INVALID', path, `${kind} needs an expression.`);
    return { name, description, unit, kind: 'count', of: null };
  }
  if (kind === 'distinct') return { name, description, unit, ...distinctOf(builder.draft, of.expr, path, report) };
  if (kind === 'quantile') return { name, description, unit, ...checkedQuantile(builder.draft, of.expr, path, report) };
  if (kind === 'histogram')
    return { name, description, unit, ...checkedHistogram(builder.draft, of.expr, path, report) };
  if (kind === 'countBy') return { name, description, unit, ...checkedCountBy(builder.draft, of.expr, path, report) };
  if (kind === 'first' || kind === 'last') return { name, description, unit, kind, of: of.expr };
  return plainMeasure({ name, description, unit }, kind, of, builder.draft, path, report);
}

/** A measure of numbers, or of what has an order. */
function plainMeasure(
  about: Pick<Measure, 'name' | 'description' | 'unit'>,
  kind: Exclude<Measure['kind'], 'count' | 'reducer' | 'distinct' | 'quantile' | 'histogram' | 'countBy'>,
  of: ExpressionDraft,
  { by = of }: MeasureDraft,
  path: string,
  report: ReportProblem,
): Measure {
  const { type } = of.expr;
  const ordered = kind === 'min' || kind === 'max';
  if (kind === 'ratio') {
    reportFaults(path, by, report);
    if (by.expr.type.kind !== 'number')
      report(
        'KIND_INVALID',
        path,
        `ratio by '${expressionText(by.expr)}', of kind ${by.expr.type.kind}; it takes numbers.`,
      );
  }
  if (ordered ? type.kind === 'boolean' : type.kind !== 'number') {
    report(
      'KIND_INVALID',
      path,
      `${kind} of '${expressionText(of.expr)}' is of kind ${type.kind}; it takes ${ordered ? 'numbers, times and texts' : 'numbers'}.`,
    );
  }
  const squares = kind === 'variance' || kind === 'stddev';
  if (squares && type.kind === 'number' && Math.max(-type.min, type.max) > varianceLimit) {
    report(
      'VARIANCE_TOO_WIDE',
      path,
      `${kind} needs '${expressionText(of.expr)}' within 2^43 units, and it reaches from ${type.min} to ${type.max}. Bound the field with .between(min, max).`,
    );
  }
  if (kind === 'ratio') return { ...about, kind, of: of.expr, by: by.expr };
  return { ...about, kind, of: of.expr };
}

/** The measures that are numbers, for derived values. */
function measureFields(measures: MeasureBuilders): Readonly<Record<string, DerivedNumber>> {
  const numeric = Object.entries(measures)
    .filter(([, { draft }]) => isNumber(draft))
    .map(([name]): [string, DerivedNumber] => [name, measureValue(name)]);
  return refusing(Object.fromEntries(numeric), 'There is no measure that is a number and called');
}

function isNumber({ kind, of, reducer }: MeasureDraft): boolean {
  if (kind === 'count' || kind === 'distinct') return true;
  if (kind === 'histogram' || kind === 'countBy') return false;
  return reducer === undefined ? of?.expr.type.kind === 'number' : reducer.shows === 'number';
}

function derivedOf(builders: DerivedBuilders, report: ReportProblem): View['derived'] {
  return Object.entries(builders).map(([name, { expr, shownUnit }]) => {
    checkFinite(`derived.${name}`, expr, report);
    return { name, expr, unit: shownUnit };
  });
}

function checkFinite(path: string, value: unknown, report: ReportProblem): void {
  if (typeof value !== 'object' || value === null) return;
  if (
    'op' in value &&
    value.op === 'literal' &&
    'value' in value &&
    typeof value.value === 'number' &&
    !Number.isFinite(value.value)
  )
    report('LITERAL_INVALID', path, `${value.value} is no finite number.`);
  for (const member of Object.values(value)) checkFinite(path, member, report);
}

function reportFaults(path: string, draft: ExpressionDraft, report: ReportProblem): void {
  const seen = new Set<string>();
  for (const { code, message } of draft.faults) {
    if (seen.has(message)) continue;
    seen.add(message);
    report(code, path, message);
  }
}
