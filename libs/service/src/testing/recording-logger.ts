import type { LogLevel } from '../logger.ts';
import type { Logger } from '../ports.ts';

export interface Recorded {
  readonly level: LogLevel;
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** A logger that keeps what it is told. */
export function recordingLogger(): Logger & { readonly entries: readonly Recorded[] } {
  const entries: Recorded[] = [];
  const at =
    (level: LogLevel) =>
    (message: string, facts: Readonly<Record<string, unknown>> = {}) => {
      entries.push({ level, message, facts });
    };
  return { entries, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
