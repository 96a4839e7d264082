import type { DeclaredParts } from './declare-parts.ts';
import type { ReportProblem } from './errors.ts';
import type { Dimension } from './view.ts';

/** Columns that every answer has, and members that every object has. */
const rowNames = new Set(['windowStart', 'windowEnd', 'complete', ...Object.getOwnPropertyNames(Object.prototype)]);
/** A dimension is an argument of its access path: these are the arguments that every query has. */
const argumentNames = new Set([
  'timeRange',
  'orderBy',
  'first',
  'after',
  'last',
  'before',
  'layer',
  'consistency',
  'grain',
  'totals',
  'maxRows',
]);
const mostMeasures = 100;
const mostDimensions = 16;

export function checkNames(view: string, parts: DeclaredParts, report: ReportProblem): void {
  const { dimensions, measures, derived } = parts;
  checkName('name', view, report);
  if (measures.length < 1 || measures.length > mostMeasures)
    report(
      'NO_MEASURE',
      'measures',
      `has ${measures.length}; a view has 1 to ${mostMeasures}, such as { events: count() }.`,
    );
  if (dimensions.length > mostDimensions)
    report('NUMBER_INVALID', 'dimensions', `has ${dimensions.length}; a view has at most ${mostDimensions}.`);
  const taken = new Map<string, string>();
  for (const [kind, members] of Object.entries({ dimensions, measures, derived })) {
    for (const { name } of members) {
      const path = `${kind}.${name}`;
      checkName(path, name, report);
      if (rowNames.has(name)) report('NAME_RESERVED', path, 'is a name that every row has. Choose another one.');
      else if (kind === 'dimensions' && argumentNames.has(name))
        report('NAME_RESERVED', path, 'is an argument that every query has. Choose another one.');
      const other = taken.get(name.toLowerCase());
      // SQL engines do not tell 'worstOf' from 'worstof', and a row has every name once.
      if (other !== undefined)
        report('NAME_CLASHES', path, `is called like ${other}, or differs only in capitals. Rename one.`);
      taken.set(name.toLowerCase(), path);
    }
  }
}

/** Access paths: each names dimensions, once, and no two are alike. */
export function checkServe(
  serve: readonly { readonly key: readonly string[] }[],
  dimensions: readonly Dimension[],
  report: ReportProblem,
): void {
  if (serve.length === 0)
    report(
      'SERVE_INVALID',
      'serve',
      'names no access path. Name the dimensions a reader gives: [{ key: [] }] for none.',
    );
  const known = dimensions.map((dimension) => dimension.name);
  const seen = new Set<string>();
  serve.forEach(({ key }, i) => {
    const path = `serve[${i}].key`;
    key.forEach((name, at) => {
      if (!known.includes(name))
        report('SERVE_INVALID', path, `'${name}' is no dimension. There are: ${known.join(', ') || 'none'}.`);
      else if (key.indexOf(name) < at) report('SERVE_INVALID', path, `'${name}' is named twice.`);
    });
    const identity = [...key].sort().join(' ');
    if (seen.has(identity)) report('SERVE_INVALID', path, 'is an access path that stands here already. Drop one.');
    seen.add(identity);
  });
}

function checkName(path: string, name: string, report: ReportProblem): void {
  if (/^[a-z][a-zA-Z0-9]*$/.test(name) && name.length <= 64) return;
  report(
    'NAME_INVALID',
    path,
    `'${name}' is no name. Use camelCase: at most 64 letters and digits, a small letter first.`,
  );
}
