import { measureValue, type DerivedCondition, type DerivedNumber } from './declare-derived.ts';
import { ViewError, type ReportProblem, type ViewProblem } from './errors.ts';
import { gateSeverities, noLimit, type Gate, type GateSeverity } from './gate.ts';
import type { View } from './view.ts';

/** What `gate()` takes. One of `maxChange`, `maxRows` and `holds` at least. */
export interface GateDeclaration<R> {
  readonly on: View<R>;
  /** 'block' unless told. */
  readonly severity?: GateSeverity;
  /** The measure that `maxChange` is about; any, unless told. */
  readonly measure?: keyof NoInfer<R> & string;
  /** At most so large a relative change of a row that was complete before: 0.2 is a fifth. */
  readonly maxChange?: number;
  /** At most so many rows that were complete before change, come or go. */
  readonly maxRows?: number;
  /** What every row that is made anew has to meet, over the view's numbers; null passes. */
  readonly holds?: (row: { readonly [N in keyof NoInfer<R> & string]: DerivedNumber }) => DerivedCondition;
}

/** Declares a gate of a view. Throws `INVALID_GATE` with every fault of the declaration at once. */
export function gate<R>(name: string, declaration: GateDeclaration<R>): Gate {
  const problems: ViewProblem[] = [];
  const report: ReportProblem = (code, path, message) => void problems.push({ code, path, message });
  if (!/^[a-z][a-zA-Z0-9-]*$/.test(name) || name.length > 64)
    report(
      'NAME_INVALID',
      'name',
      `'${name}' is no name. Use at most 64 letters, digits and '-', a small letter first.`,
    );
  const { on, severity = 'block', measure = null, maxChange = null, maxRows = null } = declaration;
  if (!gateSeverities.includes(severity))
    report('SEVERITY_INVALID', 'severity', `'${String(severity)}' is none of: ${gateSeverities.join(', ')}.`);
  const numbers = [...on.measures, ...on.derived].map((member) => member.name);
  if (measure !== null && !numbers.includes(measure)) report('NOT_DECLARED', 'measure', notThere(on, measure));
  if (maxChange !== null && !(maxChange >= 0))
    report('NUMBER_INVALID', 'maxChange', `${maxChange} is no share of 0 or more; a fifth is 0.2.`);
  if (maxRows !== null && !(Number.isInteger(maxRows) && maxRows >= 0))
    report('NUMBER_INVALID', 'maxRows', `${maxRows} is not a whole number of 0 or more.`);
  const holds = auditOf(declaration, numbers, report);
  if (maxChange === null && maxRows === null && declaration.holds === undefined)
    report('NOT_DECLARED', 'gate', 'asks for nothing: give maxChange, maxRows or holds.');
  if (problems.length > 0) {
    const list = problems.map((problem) => `  ${problem.path}: ${problem.message}`).join('\n');
    throw new ViewError('INVALID_GATE', `The gate '${name}' is declared wrongly:\n${list}`, {
      facts: { gate: name, problems },
    });
  }
  return Object.freeze({
    ...noLimit,
    name,
    severity,
    view: on.name,
    measure,
    maxRelativeChange: maxChange,
    maxRows,
    holds,
  });
}

function auditOf<R>(
  { on, holds }: GateDeclaration<R>,
  numbers: readonly string[],
  report: ReportProblem,
): Gate['holds'] {
  if (holds === undefined) return null;
  const named = new Set<string>();
  const row = new Proxy<Record<string, DerivedNumber>>(
    {},
    {
      get: (_, name) => {
        named.add(String(name));
        return measureValue(String(name));
      },
    },
  );
  const condition: { readonly kind: string; readonly expr: NonNullable<Gate['holds']> } = holds(
    row as { readonly [N in keyof R & string]: DerivedNumber },
  );
  for (const name of named) if (!numbers.includes(name)) report('NOT_DECLARED', 'holds', notThere(on, name));
  if (condition.kind !== 'boolean')
    report('NOT_DECLARED', 'holds', 'gives a number; a comparison is wanted, such as row.hottest.atMost(200).');
  return condition.expr;
}

function notThere({ name, measures, derived }: View, asked: string): string {
  const there = [...measures, ...derived].map((member) => member.name).join(', ');
  return `The view '${name}' has no measure '${asked}'. There are: ${there}.`;
}
