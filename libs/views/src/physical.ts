/**
 * How archived events look to an engine: the contract between the archive's files and the SQL compiled from views.
 * A relation has the columns below, and one `f_<field>` a declared field: BIGINT for everything numeric (decimals in
 * units, floats in quanta, instants and dates in their unit, booleans as 0 and 1), VARCHAR for text, enumeration, uuid.
 */
export const physical = {
  partition: 'partition',
  /** Position in the partition, BIGINT. */
  offset: 'offset',
  /** Milliseconds, BIGINT. */
  logTime: 'log_time',
  /** RecordClass, INTEGER. Control positions have no row. */
  class: 'class',
  /** Milliseconds, BIGINT; null where rejected. */
  eventTime: 'event_time',
  /** RejectionCode, source field and detail as text; null unless rejected. */
  rejectionCode: 'rejection_code',
  rejectionField: 'rejection_field',
  rejectionDetail: 'rejection_detail',
  /** The record's original bytes, nullable; absent where the stream does not keep them. */
  key: 'record_key',
  value: 'record_value',
} as const;

export function fieldColumn(field: string): string {
  return `f_${field}`;
}
