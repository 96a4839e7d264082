import type { LogLevel } from './logger.ts';

export interface LogEntry {
  readonly timeMs: number;
  readonly level: LogLevel;
  readonly name: string;
  readonly message: string;
  /** Plain JSON values. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly colour: boolean;
}

const colours: Readonly<Record<LogLevel, number>> = { debug: 90, info: 36, warn: 33, error: 31 };

/** One line for people, `12:03:04.250 info  speed-layer  caught up  partition=3 lagMs=0`, and stacks below it. */
export function humanLine({ timeMs, level, name, message, facts, colour }: LogEntry): string {
  const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const time = new Date(timeMs).toISOString().slice(11, 23);
  const stacks: string[] = [];
  const pairs = Object.entries(facts).map(([key, value]) => {
    if (isError(value)) {
      if (typeof value.stack === 'string') stacks.push(value.stack.replace(/^/gm, '    '));
      return `${key}=${quoted(value.message)}`;
    }
    return `${key}=${quoted(value)}`;
  });
  const words = [paint(90, time), paint(colours[level], level.padEnd(5)), name, message, paint(90, pairs.join(' '))];
  return [words.join(' ').trimEnd(), ...stacks].join('\n') + '\n';
}

function isError(value: unknown): value is { message: string; stack?: unknown } {
  return typeof value === 'object' && value !== null && 'stack' in value && 'message' in value;
}

function quoted(value: unknown): string {
  if (typeof value === 'string') return /^[\w.:/@+-]+$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value) ?? '';
}
