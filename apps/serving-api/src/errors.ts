import { TwofoldError } from '@twofold/schemas';

/**
 * Closed list of why a read is refused. Each is told to the client with its code; everything else is masked.
 *
 * - `VIEW_NOT_READY`: the view's first build has not been promoted yet.
 * - `RELEASE_EXPIRED`: the release of a cursor is no longer kept, or was dropped while it was read.
 * - `SNAPSHOT_EXPIRED`: the snapshot of a cursor is no longer kept.
 * - `TOO_STALE`: the answer would be older than `maxStaleness` allows, or its age is not known.
 * - `TOO_MANY_ROWS`: more rows or panes than are given at once; the message has the number.
 * - `RANGE_INVALID`: `timeRange`, `first` or `maxStaleness` make no sense.
 * - `GRAIN_NOT_EXPRESSIBLE`: the stored panes do not divide the asked windows.
 * - `ZONE_UNKNOWN`: there is no time zone of that name.
 * - `KEY_INVALID`: the key names no access path of the view, or a value is not of the dimension's type.
 * - `CURSOR_INVALID`: not a cursor of this server, or one of another query.
 * - `PART_MISSING`: a build that the release names is not whole in the store.
 * - `REDUCER_FAILED`: a measure of the author's own has no value of an asked window; the message names the event.
 */
export type ReadErrorCode =
  | 'VIEW_NOT_READY'
  | 'RELEASE_EXPIRED'
  | 'SNAPSHOT_EXPIRED'
  | 'TOO_STALE'
  | 'TOO_MANY_ROWS'
  | 'RANGE_INVALID'
  | 'GRAIN_NOT_EXPRESSIBLE'
  | 'ZONE_UNKNOWN'
  | 'KEY_INVALID'
  | 'CURSOR_INVALID'
  | 'PART_MISSING'
  | 'REDUCER_FAILED';

export class ReadError extends TwofoldError<ReadErrorCode> {
  override readonly name = 'ReadError';
}

/**
 * Closed list of why the API does not start.
 *
 * - `ADDRESS_IN_USE`, `ADDRESS_NOT_USABLE`: it can not listen there.
 * - `SCHEMA_CLASH`: two views, or a view and the API itself, would have one name in GraphQL.
 * - `SECRET_TOO_SHORT`: cursors could be forged.
 */
export type ServingErrorCode = 'ADDRESS_IN_USE' | 'ADDRESS_NOT_USABLE' | 'SCHEMA_CLASH' | 'SECRET_TOO_SHORT';

export class ServingError extends TwofoldError<ServingErrorCode> {
  override readonly name = 'ServingError';
}
