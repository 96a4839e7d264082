/** A message of one of the streams. */
export interface RevisionMessage {
  readonly stream: string;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** A row as the publisher has it: a window of a view, by its end. */
export interface PublishedRow {
  readonly key: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly windowEnd: number;
  readonly values: Readonly<Record<string, number>>;
}

/** What a view has to answer. */
export interface Published {
  readonly view: string;
  /** Answers are rounded to whole numbers before they are compared: so are the publisher's. */
  readonly rounded: boolean;
  /** No row but these may be answered. */
  readonly whole: boolean;
  readonly rows: readonly PublishedRow[];
}

/** Restatements up to a published file, and what that file says; nothing where it is not here. */
export interface Vintage {
  readonly name: string;
  messages(): RevisionMessage[];
  published(): Published[];
}

/** One publisher's data. */
export interface RevisionSet {
  readonly name: string;
  readonly about: string;
  /** From the first to the last; each holds only the messages that are not in those before. */
  readonly vintages: readonly Vintage[];
}

export const dayMs = 86_400_000;

/** The end of a day's window, from `YYYY-MM-DD`. */
export function endOfDay(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) + dayMs;
}
