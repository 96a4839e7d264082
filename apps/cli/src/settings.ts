import {
  address,
  defineConfig,
  duration,
  integer,
  oneOf,
  option,
  optional,
  port,
  size,
  text,
  type LogLevel,
} from '@twofold/service';

/** Every setting of `twofold dev` and of the commands that look into its data folder. */
export const settings = defineConfig({
  dataFolder: option(text(), {
    description: 'Folder of the embedded log, archive and store.',
    default: '.twofold/data',
  }),
  host: option(text(), { description: 'Address that the API listens on.', default: '127.0.0.1' }),
  port: option(port(), { description: 'Port of the API; 0 takes a free one.', default: 4000 }),
  partitions: option(integer({ min: 1, max: 1024 }), { description: 'Partitions of a new topic.', default: 2 }),
  archiveEvery: option(duration(), { description: 'How often the archive follows the log.', default: 5_000 }),
  schedule: option(text(), {
    description: 'Cron expression, UTC, of views that declare no schedule.',
    default: '* * * * *',
  }),
  engineThreads: option(integer({ min: 1, max: 256 }), { description: 'Threads of the batch engine.', default: 2 }),
  engineMemory: option(size(), {
    description: 'Memory limit of the batch engine; beyond it, it spills to disk.',
    default: 2 * 2 ** 30,
  }),
  webhookUrl: optional(address(), { description: 'Alarms are posted here; not set: they are only in the log.' }),
  cursorSecret: optional(text(), {
    description: 'Key that page cursors are signed with; not set: a new one at each start.',
    secret: true,
  }),
  logLevel: option<LogLevel>(oneOf('debug', 'info', 'warn', 'error'), {
    description: 'Least level of log lines.',
    default: 'info',
  }),
});

export type CliSettings = ReturnType<typeof settings.read>['values'];
