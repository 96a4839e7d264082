/**
 * The base of every error that Twofold throws on purpose. Each package keeps a closed list of codes in its own
 * `errors.ts`. The message says what happened, where, and what to do; `facts` carries the same as data.
 */
export class TwofoldError<Code extends string = string> extends Error {
  readonly code: Code;
  /** May the same call succeed later without a change? Data, so that callers need no list of codes. */
  readonly retryable: boolean;
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(
    code: Code,
    message: string,
    options: { retryable?: boolean; facts?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'TwofoldError';
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.facts = options.facts ?? {};
  }
}
