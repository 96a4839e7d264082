import { isTwofoldError } from '@twofold/schemas';

/**
 * What a log may say of an error. Messages may name keys and values of events, and nothing erases logs: run history, which a
 * redaction clears, has the message.
 */
export function withoutData(error: unknown): { readonly code: string; readonly at?: string } {
  if (isTwofoldError(error)) return { code: error.code };
  if (!(error instanceof Error)) return { code: 'UNEXPECTED' };
  // Where it was thrown; the lines before are its message.
  const at = error.stack?.split('\n').find((line) => /^\s+at /.test(line));
  return { code: error.name, ...(at === undefined ? {} : { at: at.trim() }) };
}
