import type { FieldKind, FieldNameOfKind, FieldShapes, Stream } from '@twofold/schemas';
import { eventFields, whereOf } from './declare-parts.ts';
import { ViewError, type ReportProblem, type ViewProblem } from './errors.ts';
import type { BooleanExpression } from './expression-base.ts';
import { severities, type Alarm, type Severity } from './project.ts';
import type { EventFields } from './view-declaration.ts';

/** What `alarm()` takes. */
export interface AlarmDeclaration<F extends FieldShapes> {
  readonly from: Stream<F>;
  /** An event for which this is true rings. */
  readonly when: (event: EventFields<F>) => BooleanExpression;
  /** The field that says what the alarm is about. */
  readonly key: FieldNameOfKind<NoInfer<F>, FieldKind>;
  /** 'warning' unless told. */
  readonly severity?: Severity;
  readonly description?: string;
}

/** Declares an alarm. Throws `INVALID_ALARM` with every fault of the declaration at once. */
export function alarm<F extends FieldShapes>(name: string, declaration: AlarmDeclaration<F>): Alarm {
  const problems: ViewProblem[] = [];
  const report: ReportProblem = (code, path, message) => void problems.push({ code, path, message });
  if (!/^[a-z][a-zA-Z0-9]*$/.test(name) || name.length > 64)
    report(
      'NAME_INVALID',
      'name',
      `'${name}' is no name. Use camelCase: at most 64 letters and digits, a small letter first.`,
    );
  const { from: stream, key, severity = 'warning', description = null } = declaration;
  const field = stream.fields.find((candidate) => candidate.name === key);
  if (field === undefined)
    report(
      'NOT_DECLARED',
      'key',
      `The stream '${stream.name}' has no field '${key}'. There are: ${stream.fields.map((one) => one.name).join(', ')}.`,
    );
  if (!severities.includes(severity))
    report('SEVERITY_INVALID', 'severity', `'${String(severity)}' is none of: ${severities.join(', ')}.`);
  const when = condition(declaration, report);
  if (when === null || problems.length > 0) {
    const list = problems.map((problem) => `  ${problem.path}: ${problem.message}`).join('\n');
    throw new ViewError('INVALID_ALARM', `The alarm '${name}' is declared wrongly:\n${list}`, {
      facts: { alarm: name, problems },
    });
  }
  return Object.freeze({ name, stream, when, key, severity, description });
}

function condition<F extends FieldShapes>(
  declaration: AlarmDeclaration<F>,
  report: ReportProblem,
): Alarm['when'] | null {
  try {
    return whereOf(declaration.when(eventFields<F>(declaration.from)), report, 'when');
  } catch (error) {
    if (!(error instanceof ViewError)) throw error;
    report('NOT_DECLARED', 'when', error.message);
    return null;
  }
}
