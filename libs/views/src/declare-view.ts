import { fingerprintOf, type CanonicalValue, type FieldShapes, type Stream } from '@twofold/schemas';
import { refusalOverChanges } from './change-measures.ts';
import { checkLevels } from './check-levels.ts';
import { checkNames, checkServe } from './check-names.ts';
import { checkFreshness, checkSchedule, checkWhole } from './check-settings.ts';
import { checkWindow } from './check-window.ts';
import { componentsOf } from './components.ts';
import { declaredParts } from './declare-parts.ts';
import { ViewError, type ReportProblem, type ViewProblem } from './errors.ts';
import type {
  DerivedBuilders,
  DimensionBuilders,
  MeasureBuilders,
  ViewDeclaration,
  ViewRow,
} from './view-declaration.ts';
import type { Component, Measure, View, Window } from './view.ts';

/** Raised when the making of partials itself changes: part of every view's fingerprint. */
const partialRules = 1;

/** Declares a view. Throws `INVALID_VIEW` with every fault of the declaration at once. */
export function view<
  F extends FieldShapes,
  const D extends DimensionBuilders,
  const M extends MeasureBuilders,
  const X extends DerivedBuilders = Record<never, never>,
>(name: string, declaration: ViewDeclaration<F, D, M, X>): View<ViewRow<D, M, X>> {
  const problems: ViewProblem[] = [];
  const report: ReportProblem = (code, path, message) => void problems.push({ code, path, message });
  const parts = declaredParts(declaration, report);
  checkNames(name, parts, report);
  checkServe(declaration.serve, parts.dimensions, report);
  const window = checkWindow(declaration.window, report);
  if (declaration.from.change !== undefined) checkOverChanges(parts.measures, window, report);
  const result = {
    name,
    version: checkWhole('version', declaration.version, 1_000_000, report),
    description: declaration.description ?? null,
    owner: declaration.owner ?? null,
    ...parts,
    window,
    components: componentsOf(parts.measures, declaration.from.change !== undefined, window.kind === 'session'),
    levels: checkLevels(declaration.levels, window, report),
    serve: declaration.serve.map(({ key }) => ({ key: [...key] })),
    buckets: checkWhole('buckets', declaration.buckets ?? 32, 65_536, report),
    schedule: checkSchedule(declaration.batch?.schedule ?? null, report),
    freshness: checkFreshness(declaration.freshness ?? { warnAfter: '2s', errorAfter: '30s' }, report),
  };
  if (problems.length > 0) {
    const list = problems.map((problem) => `  ${problem.path}: ${problem.message}`).join('\n');
    throw new ViewError('INVALID_VIEW', `The view '${name}' is declared wrongly:\n${list}`, {
      facts: { view: name, problems },
    });
  }
  const stream = declaration.from;
  return Object.freeze({ ...deepFreeze(result), stream, fingerprint: viewFingerprint(result, stream) });
}

/** A measure that can not take back a value is refused over a change stream (E27), and so are sessions. */
function checkOverChanges(measures: readonly Measure[], window: Window, report: ReportProblem): void {
  if (window.kind === 'session')
    report(
      'CAN_NOT_SUBTRACT',
      'window',
      'sessions can not take back an event: nothing tells how far the rest reaches.',
    );
  for (const measure of measures) {
    const reason = refusalOverChanges(measure);
    if (reason !== null) report('CAN_NOT_SUBTRACT', `measures.${measure.name}`, reason);
  }
}

/**
 * What decides a partial and what the version has to be raised for: names, expressions, window, widths, buckets.
 * Descriptions, units, retention, access paths, schedule and derived values are not in it.
 */
function viewFingerprint(declared: Omit<View, 'stream' | 'fingerprint' | '__row'>, stream: Stream): string {
  const { name, version, where, window, components, buckets } = declared;
  return fingerprintOf({
    partialRules,
    name,
    version,
    stream: stream.fingerprint,
    where,
    dimensions: declared.dimensions.map((dimension) => ({ name: dimension.name, expr: dimension.expr })),
    measures: declared.measures.map(({ name: column, kind, of, ...more }) => ({
      name: column,
      kind,
      of,
      ...('part' in more ? { part: more.part } : {}),
      ...('by' in more ? { by: more.by } : {}),
    })),
    components: components.map(componentFacts),
    window: { ...window },
    widths: declared.levels.map((level) => level.widthMs),
    buckets,
  });
}

/** A reducer's functions are told by their digest. */
function componentFacts(component: Component): Readonly<Record<string, CanonicalValue>> {
  if (component.kind !== 'reducer') return { ...component };
  const inputs = component.inputs.map(({ name, expr }) => ({ name, expr }));
  return { kind: 'reducer', inputs, digest: component.reducer.digest };
}

function deepFreeze<T extends object>(value: T): T {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) deepFreeze(member);
  return Object.freeze(value);
}
