import type { Stream } from '@twofold/schemas';
import { ViewError, type ReportProblem, type ViewProblem } from './errors.ts';
import type { Gate } from './gate.ts';
import { DEFAULT_RESTATEMENTS, restatementScopes, type Alarm, type Project, type RestatementScope } from './project.ts';
import type { View } from './view.ts';

/** What `project()` takes. */
export interface ProjectDeclaration {
  readonly streams: readonly Stream[];
  readonly views: readonly View[];
  readonly alarms?: readonly Alarm[];
  readonly gates?: readonly Gate[];
  /**
   * 'all' unless told. 'corrections' saves each run a comparison; no other release changes what MERGED answers, since the
   * speed layer had counted late data before the batch did, but who keeps BATCH answers is not told of those then.
   */
  readonly restatements?: RestatementScope;
}

/** Declares a project. Throws `INVALID_PROJECT` with every fault of the declaration at once. */
export function project(id: string, declaration: ProjectDeclaration): Project {
  const { streams, views, alarms = [], gates = [], restatements = DEFAULT_RESTATEMENTS } = declaration;
  const problems: ViewProblem[] = [];
  const report: ReportProblem = (code, path, message) => void problems.push({ code, path, message });
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id) || id.length > 48)
    report('NAME_INVALID', 'id', `'${id}' is no id. Use at most 48 small letters, digits and single hyphens: 'plant'.`);
  if (streams.length === 0) report('NOT_DECLARED', 'streams', 'names no stream. A project has at least one.');
  checkOnce('streams', streams, report);
  checkOnce('views', views, report);
  checkOnce('alarms', alarms, report);
  checkOnce('gates', gates, report);
  views.forEach((view, i) => checkStream(`views[${i}]`, view, streams, report));
  alarms.forEach((alarm, i) => checkStream(`alarms[${i}]`, alarm, streams, report));
  alarms.forEach(({ name, stream }, i) => {
    if (stream.change === undefined) return;
    const raw = stream.change.of.name;
    const message = `'${name}' is of the change stream '${stream.name}', where taking a row back would ring too. Declare it over '${raw}'.`;
    report('CAN_NOT_SUBTRACT', `alarms[${i}]`, message);
  });
  gates.forEach(({ name, view }, i) => {
    if (view !== null && !views.some((each) => each.name === view))
      report('NOT_DECLARED', `gates[${i}]`, `'${name}' is of the view '${view}', which the project does not name.`);
  });
  if (!restatementScopes.includes(restatements))
    report('NOT_DECLARED', 'restatements', `'${String(restatements)}' is none of: ${restatementScopes.join(', ')}.`);
  streams.forEach(({ name }, i) => {
    if (name.toLowerCase() === 'restatements')
      report('NAME_RESERVED', `streams[${i}]`, `'${name}' is the topic on which changed answers are told. Rename it.`);
  });
  streams.forEach((stream, i) => checkSource(`streams[${i}]`, stream, streams, report));
  if (problems.length > 0) {
    const list = problems.map((problem) => `  ${problem.path}: ${problem.message}`).join('\n');
    throw new ViewError('INVALID_PROJECT', `The project '${id}' is declared wrongly:\n${list}`, {
      facts: { project: id, problems },
    });
  }
  return Object.freeze({
    id,
    streams: Object.freeze([...streams]),
    views: Object.freeze([...views]),
    alarms: Object.freeze([...alarms]),
    gates: Object.freeze([...gates]),
    restatements,
  });
}

/** Names are parts of paths and columns, where capitals may mean nothing: they differ in more than those. */
function checkOnce(path: string, members: readonly { readonly name: string }[], report: ReportProblem): void {
  const seen = new Map<string, number>();
  members.forEach(({ name }, i) => {
    const first = seen.get(name.toLowerCase());
    if (first !== undefined)
      report(
        'NAME_CLASHES',
        `${path}[${i}]`,
        `'${name}' is called like ${path}[${first}], or differs only in capitals. Rename one.`,
      );
    else seen.set(name.toLowerCase(), i);
  });
}

function checkStream(path: string, member: View | Alarm, streams: readonly Stream[], report: ReportProblem): void {
  const { name, stream } = member;
  const known = streams.find((candidate) => candidate.name === stream.name);
  if (known === undefined)
    report(
      'NOT_DECLARED',
      path,
      `'${name}' is of the stream '${stream.name}', which the project does not name. Add it to streams.`,
    );
  else if (known.fingerprint !== stream.fingerprint)
    report(
      'NOT_DECLARED',
      path,
      `'${name}' is of another declaration of the stream '${stream.name}' than the project names. Use one for both.`,
    );
}

/** A change stream is made of another one of the project. */
function checkSource(path: string, { name, change }: Stream, streams: readonly Stream[], report: ReportProblem): void {
  if (change === undefined) return;
  const raw = streams.find((candidate) => candidate.name === change.of.name);
  if (raw?.fingerprint === change.of.fingerprint) return;
  const what = raw === undefined ? 'which the project does not name. Add it to streams' : 'declared otherwise there';
  report('NOT_DECLARED', path, `'${name}' is made of the stream '${change.of.name}', ${what}.`);
}
