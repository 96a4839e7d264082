import { pino } from 'pino';
import { humanLine } from './human-line.ts';
import type { Clock, Logger } from './ports.ts';
import { maskSecrets, redact } from './redact.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LoggerOptions {
  /** The service that speaks. */
  readonly name: string;
  readonly level: LogLevel;
  /** One JSON object a line, or lines for people. `auto`: for people where the stream is a terminal. */
  readonly format: 'json' | 'human' | 'auto';
  readonly stream: { write(line: string): unknown; readonly isTTY?: boolean };
  readonly clock: Pick<Clock, 'now'>;
  /** Values that must not appear in any line. */
  readonly secrets?: readonly string[];
  readonly colour?: boolean;
}

/** A logger that masks secrets, in messages and facts alike. */
export function createLogger(options: LoggerOptions): Logger {
  const { stream, secrets = [] } = options;
  const human = options.format === 'human' || (options.format === 'auto' && stream.isTTY === true);
  const write = human ? humanWriter(options) : jsonWriter(options);
  const levelOf = (level: LogLevel) =>
    logLevels.indexOf(level) < logLevels.indexOf(options.level)
      ? () => undefined
      : (message: string, facts: Readonly<Record<string, unknown>> = {}) => {
          write(level, maskSecrets(message, secrets), redact(facts, secrets));
        };
  return { debug: levelOf('debug'), info: levelOf('info'), warn: levelOf('warn'), error: levelOf('error') };
}

type Writer = (level: LogLevel, message: string, facts: Readonly<Record<string, unknown>>) => void;

function jsonWriter({ name, level, stream, clock }: LoggerOptions): Writer {
  const lines = pino(
    {
      level,
      base: { service: name },
      messageKey: 'message',
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => void stream.write(line) },
  );
  return (at, message, facts) => {
    if (Object.keys(facts).length === 0) lines[at](message);
    else lines[at]({ facts }, message);
  };
}

function humanWriter({ name, stream, clock, colour = stream.isTTY === true }: LoggerOptions): Writer {
  return (level, message, facts) => {
    stream.write(humanLine({ timeMs: clock.now(), level, name, message, facts, colour }));
  };
}
