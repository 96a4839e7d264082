import { describe, expect, it } from 'vitest';
import {
  ServiceError,
  address,
  defineConfig,
  duration,
  integer,
  list,
  oneOf,
  option,
  optional,
  port,
  size,
  text,
  toggle,
} from '@twofold/service';

const definition = defineConfig({
  'serve.port': option(port(), { description: 'Where the API listens.', default: 4000 }),
  'store.dataFolder': option(text(), { description: 'Where the data lie.' }),
  'store.flushEvery': option(duration(), { description: 'How often rows are written.', default: 1000 }),
  'store.cacheSize': option(size(), { description: 'Memory for pages.', default: 64 * 2 ** 20 }),
  'log.format': option(oneOf('json', 'human', 'auto'), { description: 'How log lines look.', default: 'auto' }),
  'log.verbose': option(toggle(), { description: 'Says more.', default: false }),
  'kafka.brokers': option(list(text()), { description: 'Addresses of brokers.', default: [] }),
  'alarm.webhook': optional(address(), { description: 'Who is told of alarms.' }),
  'alarm.token': optional(text(), { description: 'Shown to the webhook.', secret: true }),
});
const dataFolder = { TWOFOLD_STORE__DATA_FOLDER: '/data' };

function problemsOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'CONFIG_INVALID') return error.message;
    throw error;
  }
  throw new Error('nothing was wrong');
}

describe('configuration', () => {
  it('takes the flag before the environment before the file before the default', () => {
    const flags = { 'serve-port': '1' };
    const environment = { ...dataFolder, TWOFOLD_SERVE__PORT: '2' };
    const file = { serve: { port: 3 } };
    const ports = [
      definition.read({ flags, environment, file }),
      definition.read({ environment, file }),
      definition.read({ environment: dataFolder, file }),
      definition.read({ environment: dataFolder }),
    ].map((config) => config.values['serve.port']);
    expect(ports).toEqual([1, 2, 3, 4000]);
  });

  it('gives every value its type', () => {
    const { values } = definition.read({
      environment: {
        ...dataFolder,
        TWOFOLD_STORE__FLUSH_EVERY: '2m',
        TWOFOLD_STORE__CACHE_SIZE: '2GB',
        TWOFOLD_LOG__VERBOSE: '1',
        TWOFOLD_KAFKA__BROKERS: 'a:9092, b:9092',
        TWOFOLD_ALARM__WEBHOOK: 'https://alarm.example/hook',
      },
      file: { log: { format: 'json' } },
    });
    const typed: { a: number; b: readonly string[]; c: 'json' | 'human' | 'auto'; d: string | null } = {
      a: values['store.flushEvery'],
      b: values['kafka.brokers'],
      c: values['log.format'],
      d: values['alarm.token'],
    };
    expect(typed).toEqual({ a: 120_000, b: ['a:9092', 'b:9092'], c: 'json', d: null });
    expect(values).toMatchObject({ 'store.cacheSize': 2 ** 31, 'log.verbose': true });
  });

  it('shows everything that is wrong at once, each with the ways to set it', () => {
    const message = problemsOf(() =>
      definition.read({
        flags: { 'serve-port': '99999', 'alarm-token': 'x' },
        environment: { TWOFOLD_STORE__FLUSH_EVERY: '5 minutes', TWOFOLD_LOG__FROMAT: 'json' },
        file: { log: { format: 'xml' }, kafka: { brokers: [1] }, serv: { port: 1 } },
      }),
    );
    expect(message).toBe(`8 settings are wrong:
  serve.port: "99999" (from --serve-port) is not a whole number from 0 to 65535. Set --serve-port, TWOFOLD_SERVE__PORT or serve.port in twofold.config.ts.
  store.dataFolder: is not set. Where the data lie. Set --store-data-folder, TWOFOLD_STORE__DATA_FOLDER or store.dataFolder in twofold.config.ts.
  store.flushEvery: "5 minutes" (from TWOFOLD_STORE__FLUSH_EVERY) is not a duration such as '250ms', '30s' or '5m'. Set --store-flush-every, TWOFOLD_STORE__FLUSH_EVERY or store.flushEvery in twofold.config.ts.
  log.format: "xml" (from twofold.config.ts) is not one of json, human, auto. Set --log-format, TWOFOLD_LOG__FORMAT or log.format in twofold.config.ts.
  kafka.brokers: [1] (from twofold.config.ts) is not a list, each a text of at least one character. Set --kafka-brokers, TWOFOLD_KAFKA__BROKERS or kafka.brokers in twofold.config.ts.
  alarm.token: is a secret: --alarm-token would show it to everybody on this machine. Set TWOFOLD_ALARM__TOKEN, or TWOFOLD_ALARM__TOKEN_FILE to the path of a file that holds it.
  serv.port: is not a setting (in twofold.config.ts). Did you mean serve.port?
  TWOFOLD_LOG__FROMAT: is not a setting (in the environment). Did you mean TWOFOLD_LOG__FORMAT?`);
  });

  it('reads a secret from a file, and masks it wherever it is explained', () => {
    const config = definition.read({
      environment: { ...dataFolder, TWOFOLD_ALARM__TOKEN_FILE: '/run/token' },
      readText: (path) => (path === '/run/token' ? 'hunter2\n' : ''),
    });
    expect(config.values['alarm.token']).toBe('hunter2');
    expect(config.secrets()).toEqual(['hunter2']);
    expect(config.explain()).toContainEqual({
      name: 'alarm.token',
      value: '********',
      origin: 'environment',
      from: 'TWOFOLD_ALARM__TOKEN_FILE',
    });
  });

  it('never repeats a secret in a message', () => {
    const secret = defineConfig({ pin: option(integer({ min: 0 }), { description: 'Opens.', secret: true }) });
    expect(problemsOf(() => secret.read({ environment: { TWOFOLD_PIN: 'hunter2' } }))).toBe(
      '1 setting is wrong:\n  pin: what was given (from TWOFOLD_PIN) is not a whole number of at least 0. Set TWOFOLD_PIN, or TWOFOLD_PIN_FILE to the path of a file that holds it.',
    );
  });

  it('refuses a secret that is set twice, and one whose file can not be read', () => {
    const readText = () => {
      throw new Error('no such file');
    };
    const twice = { ...dataFolder, TWOFOLD_ALARM__TOKEN: 'a', TWOFOLD_ALARM__TOKEN_FILE: 'b' };
    expect(problemsOf(() => definition.read({ environment: twice }))).toContain('is set twice');
    const unreadable = { ...dataFolder, TWOFOLD_ALARM__TOKEN_FILE: 'b' };
    expect(problemsOf(() => definition.read({ environment: unreadable, readText }))).toContain(
      'TWOFOLD_ALARM__TOKEN_FILE names a file that can not be read: no such file.',
    );
  });

  it('lets other programs have their TWOFOLD_ variables', () => {
    const environment = { ...dataFolder, TWOFOLD_E2E: '1' };
    expect(() => definition.read({ environment })).toThrow('TWOFOLD_E2E');
    expect(() => definition.read({ environment, alsoKnown: ['TWOFOLD_E2E'] })).not.toThrow();
  });

  it('explains each value as a person would write it, with its origin', () => {
    const config = definition.read({ environment: dataFolder, file: { store: { cacheSize: '1GB' } } });
    expect(config.explain().slice(1, 4)).toEqual([
      { name: 'store.dataFolder', value: '/data', origin: 'environment', from: 'TWOFOLD_STORE__DATA_FOLDER' },
      { name: 'store.flushEvery', value: '1s', origin: 'default', from: '' },
      { name: 'store.cacheSize', value: '1GB', origin: 'file', from: 'twofold.config.ts' },
    ]);
  });

  it('says between what a duration has to be', () => {
    const bounded = defineConfig({
      flushEvery: option(duration({ min: 10, max: 60_000 }), { description: 'How often.', default: 50 }),
    });
    const read = (value: string) => bounded.read({ environment: { TWOFOLD_FLUSH_EVERY: value } });
    expect(read('10ms').values.flushEvery).toBe(10);
    for (const wrong of ['9ms', '61s'])
      expect(() => read(wrong)).toThrow("a duration such as '250ms', '30s' or '5m', from 10ms to 1m");
  });

  it('writes its own help table', () => {
    const rows = definition.help().split('\n');
    expect(rows).toHaveLength(2 + Object.keys(definition.settings).length);
    expect(rows[2]).toBe(
      '| `serve.port` | port | `4000` | Where the API listens. | `TWOFOLD_SERVE__PORT` | `--serve-port` |',
    );
    expect(rows[3]).toContain('| required |');
    expect(rows.at(-1)).toContain('`TWOFOLD_ALARM__TOKEN_FILE`');
  });
});
