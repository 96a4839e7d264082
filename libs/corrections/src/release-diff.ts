/** A finished value as answers give it; integers beyond 2^53 as text. */
export type DiffValue = number | string | boolean | null;

/** One row of a view, before and after. */
export interface ChangedRow {
  readonly key: readonly DiffValue[];
  readonly windowStart: number;
  /** Null: there was, or is, no such row. */
  readonly before: Readonly<Record<string, DiffValue>> | null;
  readonly after: Readonly<Record<string, DiffValue>> | null;
  /** The largest relative change of a measure: 1 when a row comes or goes. */
  readonly change: number;
}

export interface MeasureDiff {
  readonly measure: string;
  readonly rowsChanged: number;
  /** Of all changed rows; null where no value is a number. */
  readonly largestAbsolute: number | null;
  readonly largestRelative: number | null;
}

/** What one view answers otherwise, in panes of its finest level. */
export interface ViewDiff {
  readonly view: string;
  readonly version: number;
  readonly paneMs: number;
  readonly rowsCompared: number;
  readonly rowsChanged: number;
  readonly rowsAdded: number;
  readonly rowsRemoved: number;
  readonly keysAdded: number;
  readonly keysRemoved: number;
  readonly measures: readonly MeasureDiff[];
  /** By bucket of time: rows that changed, came or went. */
  readonly buckets: readonly { readonly from: number; readonly to: number; readonly rows: number }[];
  /** Those that changed most, most first. */
  readonly movers: readonly ChangedRow[];
}

/** A limit on what a correction may change. */
export interface Gate {
  readonly name: string;
  readonly severity: 'warn' | 'block';
  /** Null: any view, any measure. */
  readonly view: string | null;
  readonly measure: string | null;
  /** At most so large a relative change of a row: 0.2 is a fifth. */
  readonly maxRelativeChange: number | null;
  /** At most so many rows changed, come and gone, of a view. */
  readonly maxRows: number | null;
}

export interface GateResult {
  readonly gate: string;
  readonly severity: Gate['severity'];
  readonly passed: boolean;
  readonly detail: string;
}

/** The candidate against a build at the same cut with the base's list (E20), kept with the release. */
export interface ReleaseDiff {
  readonly format: 1;
  /** Null: not promoted. */
  readonly release: string | null;
  readonly base: string;
  readonly correction: string;
  readonly plan: string;
  readonly cut: Readonly<Record<string, readonly number[]>>;
  readonly at: number;
  readonly views: readonly ViewDiff[];
  readonly gates: readonly GateResult[];
  /** Redactions that the stream had by then; a difference from before the last one is not kept. */
  readonly redactions?: number;
}

/** Holds gates against what changed. */
export function passGates(gates: readonly Gate[], views: readonly ViewDiff[]): GateResult[] {
  return gates.map((gate) => {
    const faults = views
      .filter(({ view }) => gate.view === null || gate.view === view)
      .flatMap((diff) => [...relativeFaults(gate, diff), ...rowFaults(gate, diff)]);
    const detail = faults[0] ?? 'within its limit';
    return { gate: gate.name, severity: gate.severity, passed: faults.length === 0, detail };
  });
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
