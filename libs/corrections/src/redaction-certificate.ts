/** What became of one place that held what was erased. */
export interface ErasedPlace {
  /** `log pl.readings`, `store`, … */
  readonly place: string;
  /** Wall clock, milliseconds: from then on no byte is there any more; null: none is now; NEVER: unless somebody removes it. */
  readonly goneBy: number | 'NEVER' | null;
  /** One sentence for people. */
  readonly how: string;
}

/** How far a change stream was looked through for what its operators repeated of erased rows, before there was a certificate. */
export interface LookedThrough {
  readonly stream: string;
  /** Wall clock, milliseconds: what came later was not looked at. */
  readonly at: number;
  /** By partition: where its log ended by then. */
  readonly below: readonly number[];
}

/** Written once every copy is out of every reader's reach, and never before (E21). Holds nothing of what was erased. */
export interface RedactionCertificate {
  readonly format: 1;
  readonly correction: string;
  readonly stream: string;
  /** Without the values that were asked for. */
  readonly asked: string;
  readonly reason: string;
  readonly ticket: string | null;
  readonly author: string;
  readonly approver: string | null;
  readonly plannedAt: number;
  readonly finishedAt: number;
  /** By partition: events that came at or above it were not looked at. */
  readonly cut: readonly number[];
  /** Hash of the document that lists the erased positions. */
  readonly targets: { readonly count: number; readonly sha256: string };
  /** The release that is the oldest there is since. */
  readonly release: { readonly number: number; readonly id: string };
  /** What the last attempt found and did; an attempt that was cut short had done the rest. */
  readonly counts: Readonly<Record<string, number>>;
  readonly places: readonly ErasedPlace[];
  /** Of rows of an upsert stream; absent in certificates from before it was looked. */
  readonly looked?: LookedThrough;
  /** The latest `goneBy` of all; null: no byte is anywhere. */
  readonly goneBy: ErasedPlace['goneBy'];
  /** Where this reaches nothing. */
  readonly beyond: readonly string[];
}
