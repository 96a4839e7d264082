import type { Gate } from '@twofold/views';
import type { ViewDiff } from './release-diff.ts';

export interface GateResult {
  readonly gate: string;
  readonly severity: Gate['severity'];
  readonly passed: boolean;
  readonly detail: string;
}

/** Rows that an audit is false for. */
export interface AuditFinding {
  readonly gate: string;
  readonly rows: number;
  /** The first of them, in words. */
  readonly first: string;
}

/** Holds gates against what changed, and against what audits found. */
export function passGates(
  gates: readonly Gate[],
  views: readonly ViewDiff[],
  findings: readonly AuditFinding[] = [],
): GateResult[] {
  return gates.map((gate) => {
    const faults = views
      .filter(({ view }) => gate.view === null || gate.view === view)
      .flatMap((diff) => [...shapeFaults(gate, diff), ...relativeFaults(gate, diff), ...rowFaults(gate, diff)]);
    const found = findings.filter((each) => each.gate === gate.name && each.rows > 0);
    const audits = found.map(({ rows, first }) => `${rows} rows do not meet it, the first is ${first}`);
    const detail = [...audits, ...faults][0] ?? 'within its limit';
    return { gate: gate.name, severity: gate.severity, passed: audits.length + faults.length === 0, detail };
  });
}

/** What can not be compared can not be within a limit. */
function shapeFaults({ maxRelativeChange, maxRows }: Gate, { view, incomparable }: ViewDiff): string[] {
  if (incomparable === null || (maxRelativeChange === null && maxRows === null)) return [];
  return [`the rows of ${view} can not be compared: ${incomparable}`];
}

function relativeFaults({ measure, maxRelativeChange: limit }: Gate, diff: ViewDiff): string[] {
  if (limit === null) return [];
  return diff.measures
    .filter((each) => measure === null || each.measure === measure)
    .filter(({ largestRelative }) => largestRelative !== null && largestRelative > limit)
    .map(
      (each) =>
        `${diff.view}.${each.measure} changes by ${percent(each.largestRelative)}, and ${percent(limit)} are allowed`,
    );
}

function rowFaults({ maxRows }: Gate, diff: ViewDiff): string[] {
  const rows = diff.rowsChanged + diff.rowsAdded + diff.rowsRemoved;
  return maxRows !== null && rows > maxRows ? [`${rows} rows of ${diff.view} change, and ${maxRows} are allowed`] : [];
}

function percent(share: number | null): string {
  return `${Number(((share ?? 0) * 100).toPrecision(4))} %`;
}
