import type { ColumnArchive } from '@twofold/archive';
import {
  addedSourceOf,
  CorrectionError,
  isEmptySelection,
  type CorrectionKind,
  type CorrectionNote,
  type Selection,
} from '@twofold/corrections';

/** What somebody asks for. */
export interface CorrectionRequest extends CorrectionNote {
  readonly stream: string;
  readonly kind: CorrectionKind;
  /** The idempotency key was drawn for whoever gave none: it says nothing, whatever it happens to have in it. */
  readonly keyIsDrawn?: boolean;
  readonly selection: Selection;
  /** The correction whose rows are meant, by its id; not given: events of the log, and rows of any correction. */
  readonly source?: string | null;
  /** Events as the stream reads them, one JSON object a line. */
  readonly rows: Uint8Array | null;
  /** What the rows are, in words; how many they are, unless told. */
  readonly rowsFrom?: string;
  /** For replace: what is set in the events that match, each `field = value` (`parseAssignment`). */
  readonly set?: readonly string[] | null;
  /** Refuse rows whose id an event has that stays. */
  readonly newOnly?: boolean;
  /** May it hit every event there is? */
  readonly everything: boolean;
}

/** Throws CORRECTION_INVALID when what is given does not make a correction of this kind. */
export function checkRequest(request: CorrectionRequest): void {
  const { kind, selection, rows, set = null, reason, author, approver, idempotencyKey } = request;
  for (const [name, value] of Object.entries({ reason, author, 'idempotency key': idempotencyKey }))
    if (value.trim() === '') throw invalid(`a correction needs a ${name}`);
  const empty = isEmptySelection(selection);
  if (kind === 'add') {
    if (!empty) throw invalid('add brings rows and selects nothing; to change events that are there, use replace');
    if (rows === null) throw invalid('add needs rows: a file with one event a line');
    return;
  }
  if (kind === 'redact' && (approver === null || approver.trim() === '' || approver === author))
    throw invalid('a redaction can not be taken back: somebody else than its author has to agree to it (approver)');
  if (set !== null) {
    if (kind !== 'replace') throw invalid(`${kind} sets nothing; to change fields of events, use replace`);
    if (rows !== null) throw invalid('replace takes rows, or what is to be set, and not both');
    if (set.length === 0) throw invalid('replace sets nothing: the list is empty');
    if (empty) throw invalid('replace needs something to select by when it sets fields');
  } else if (kind === 'replace' && rows === null)
    throw invalid('replace needs rows, a file with one event a line, or what is to be set');
  if (kind !== 'replace' && rows !== null) throw invalid(`${kind} takes no rows; to bring some, use add or replace`);
  if (empty && kind !== 'replace')
    throw invalid(`${kind} needs something to select by: a condition, ids, a range of event time or of offsets`);
}

/** The same with its source as part of the selection. Throws CORRECTION_UNKNOWN, CORRECTION_INVALID. */
export async function withSource(
  request: CorrectionRequest,
  { archive }: { readonly archive: Pick<ColumnArchive, 'corrections'> },
): Promise<CorrectionRequest> {
  const { source = null, stream, selection } = request;
  if (source === null) return request;
  if (selection.partition !== null) throw invalid('events are of a partition of the log, or rows of a correction');
  const found = (await archive.corrections(stream).list()).find(({ id }) => id === source);
  if (found === undefined)
    throw new CorrectionError(
      'CORRECTION_UNKNOWN',
      `Stream ${stream} has no correction ${source}. Nothing was changed.`,
    );
  return { ...request, selection: { ...selection, partition: addedSourceOf(found.number) } };
}

function invalid(message: string): CorrectionError {
  return new CorrectionError('CORRECTION_INVALID', `${message}. Nothing was changed.`);
}
