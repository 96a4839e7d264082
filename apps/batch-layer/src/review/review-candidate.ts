import {
  CorrectionError,
  isSameShare,
  passGates,
  type AuditFinding,
  type GateResult,
  type ReleaseDiff,
  type Restatement,
  type ViewDiff,
} from '@twofold/corrections';
import type { BuildIndex } from '@twofold/view-store';
import type { Gate, RestatementScope, View } from '@twofold/views';
import type { Work } from '../plan-candidate.ts';
import type { BatchPorts } from '../ports.ts';
import type { BuiltCandidate, Verdict } from '../recompute-views.ts';
import { buildAtOldCut } from './at-old-cut.ts';
import { auditRows } from './audit-rows.ts';
import { saveDiff } from './diff-store.ts';
import { diffView, type DiffTask } from '../corrections/diff-view.ts';
import { keepView, keptView } from './kept-views.ts';
import { keepRestatements, RestatementList } from './told-restatements.ts';

/** What a candidate is looked at for. */
export interface ReviewTask {
  readonly gates: readonly Gate[];
  readonly restatements: RestatementScope;
  /** Compare also when neither a gate nor the feed asks for it. */
  readonly compare: boolean;
  /** The correction that the candidate makes; null: it is a run's. */
  readonly correction: {
    readonly id: string;
    readonly plan: string;
    readonly reason: string;
    /** What came in late while it was applied, as the run that brought its base up to it has found. */
    readonly late: readonly ViewDiff[];
    /** The difference that people have seen: only what it says is promoted. */
    readonly shown?: ReleaseDiff | null;
  } | null;
  /** Look only: whatever the gates say, nothing is promoted. */
  readonly preview: boolean;
  /** Told what the gates said, also when one of them stops the candidate. */
  readonly gated?: (results: readonly GateResult[]) => void;
}

export interface Reviewed extends Verdict {
  readonly diff: ReleaseDiff;
}

/**
 * Looks at a built candidate before anything of it is visible: what it changes, by cause; what its audits find; what its
 * gates say. All of it is kept with the release that it will be, and what is to be told of it, too.
 * @throws GATE_BLOCKED, and PLAN_CHANGED when a correction changes something else than what was shown
 */
export async function reviewCandidate(
  built: BuiltCandidate,
  task: ReviewTask,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<Reviewed> {
  const { works, builds, candidate, release } = built;
  const { correction } = task;
  const gates = task.gates.filter((gate) => gate.view === null || works.some(({ view }) => view.name === gate.view));
  const told = new RestatementList(release, { correction: correction?.id ?? null, reason: correction?.reason ?? null });
  const views: ViewDiff[] = [];
  const findings: AuditFinding[] = [];
  for (const [place, work] of works.entries()) {
    const after = builds[place]?.index;
    if (after === undefined) continue;
    const { view, base, plan } = work;
    if (base?.build == null || base.fingerprint !== view.fingerprint) await keepView(ports.archive, view);
    const shared = new Set(plan.shared.map(({ part }) => part));
    const made = after.parts.filter(({ part }) => !shared.has(part));
    findings.push(...(await auditRows(view, made, gates, ports.store.parts, signal)));
    for (const compared of await comparisonsOf(work, after, candidate.id, task, ports, signal)) {
      const { cause } = compared;
      const tells = cause === 'CORRECTION' || task.restatements === 'all';
      views.push(
        await diffView(compared, ports.store.parts, signal, (row, bucket) => {
          if (tells) told.add(view, cause, row, bucket);
        }),
      );
    }
  }
  const results = passGates(gates, views, findings);
  task.gated?.(results);
  const blocked = results.find(({ passed, severity }) => !passed && severity === 'block');
  const { shown = null } = correction ?? {};
  const isShown = shown === null || isSameShare(shown, { views });
  const promotes = !task.preview && blocked === undefined && isShown;
  const diff: ReleaseDiff = {
    ...{ format: 1, id: release, release: promotes ? release : null, base: candidate.base },
    ...{ correction: correction?.id ?? null, plan: correction?.plan ?? null, at: ports.clock.now() },
    ...{ views: [...views, ...(correction?.late ?? [])], gates: results },
    // As the builds were planned: what is older than a redaction that came since is not kept.
    redactions: Math.min(...works.map(({ state }) => state.redactions.length)),
    cut: Object.fromEntries(candidate.entries.map(({ view, cut }) => [view, cut])),
  };
  const restatements = promotes ? told.all() : [];
  await keepByStream({ built, diff, gates }, restatements, ports);
  if (blocked !== undefined && !task.preview) throw blockedBy(blocked, release, correction !== null);
  if (!isShown && !task.preview) throw notShown(release, candidate.base);
  return { promotes, announces: restatements.length > 0, diff };
}

/** Each stream's part beside its own corrections: it shows keys and values, and goes when the stream is redacted. */
async function keepByStream(
  {
    built,
    diff,
    gates,
  }: { readonly built: BuiltCandidate; readonly diff: ReleaseDiff; readonly gates: readonly Gate[] },
  restatements: readonly Restatement[],
  { archive }: BatchPorts,
): Promise<void> {
  const { works, release } = built;
  for (const stream of new Set(works.map(({ view }) => view.stream.name))) {
    const mine = works.filter(({ view }) => view.stream.name === stream);
    const isMine = (name: string | null): boolean => name === null || mine.some(({ view }) => view.name === name);
    const redactions = Math.min(...mine.map(({ state }) => state.redactions.length));
    const views = diff.views.filter(({ view }) => isMine(view));
    const results = diff.gates.filter((_, i) => isMine(gates[i]?.view ?? null));
    // A run that changed nothing is told by its record.
    if (diff.correction !== null || views.some(isChange) || results.some(({ passed }) => !passed))
      await saveDiff(archive, stream, release, { ...diff, views, gates: results, redactions });
    const changes = restatements.filter(({ view }) => isMine(view));
    if (changes.length > 0) await keepRestatements(archive, stream, release, { redactions, changes });
  }
}

/** Is anything otherwise, as far as that can be told? */
export function isChange({ rowsChanged, rowsAdded, rowsRemoved, incomparable }: ViewDiff): boolean {
  return rowsChanged + rowsAdded + rowsRemoved > 0 || incomparable !== null;
}

function blockedBy(
  { gate, detail }: { gate: string; detail: string },
  release: string,
  corrects: boolean,
): CorrectionError {
  return new CorrectionError(
    'GATE_BLOCKED',
    `Gate ${gate} stops the ${corrects ? 'correction' : 'run'}: ${detail}. The served release stays; twofold diff ${release} shows what it would have changed.`,
    { facts: { gate, diff: release } },
  );
}

function notShown(release: string, base: string): CorrectionError {
  return new CorrectionError(
    'PLAN_CHANGED',
    `What was shown is not what the correction changes by now: the live release is ${base}, and other data have come. twofold diff ${release} shows what it would change; apply it with --shown ${release} once you have looked at it. The served release stays.`,
    { facts: { diff: release } },
  );
}

/** What is compared with what, for each cause that there can be. */
async function comparisonsOf(
  work: Work,
  after: BuildIndex,
  candidate: string,
  task: ReviewTask,
  ports: BatchPorts,
  signal: AbortSignal,
): Promise<DiffTask[]> {
  const { view, base, entry } = work;
  // A first build is compared with nothing, but what a correction brings to an empty view is its doing.
  if (base === null || (base.build === null && task.correction === null) || !isCompared(view, task)) return [];
  const before = base.build === null ? null : await ports.store.parts.index(base.build);
  const retainMs = view.levels[0]?.retainMs ?? null;
  const expiredBy = entry.watermark === null || retainMs === null ? null : entry.watermark - retainMs;
  const same = { view, beforeView: view, before, after, settledBy: null, expiredBy };
  if (task.correction !== null) return [{ ...same, cause: 'CORRECTION' }];
  // What was not complete yet was not to be relied upon: only complete windows can be changed by late data.
  const late = { ...same, cause: 'LATE_DATA', settledBy: base.watermark ?? -Infinity } as const;
  if (base.version === view.version) return [late];
  const atOldCut = await buildAtOldCut({ work, after, candidate }, ports, signal);
  const beforeView = await keptView(ports.archive, base);
  return [
    { ...same, beforeView, after: atOldCut, cause: 'CODE_CHANGE' },
    { ...late, before: atOldCut },
  ];
}

function isCompared({ name }: View, { compare, correction, restatements, gates }: ReviewTask): boolean {
  const limits = ({ view, maxRelativeChange, maxRows }: Gate): boolean =>
    (view === null || view === name) && (maxRelativeChange !== null || maxRows !== null);
  return compare || correction !== null || restatements === 'all' || gates.some(limits);
}
