import { createLogger, type Logger } from '@twofold/service';
import type { CliSettings } from './settings.ts';

/** Log lines of this process, on stderr; secrets of the settings are masked in them. */
export function loggerOf(values: CliSettings, name: string): Logger {
  const { cursorSecret, kafkaPassword, cassandraPassword } = values;
  return createLogger({
    name,
    level: values.logLevel,
    format: 'auto',
    stream: process.stderr,
    clock: { now: Date.now },
    secrets: [cursorSecret, kafkaPassword, cassandraPassword].filter((secret) => secret !== null),
  });
}
