import { describe, expect, it } from 'vitest';
import { type LoggerOptions, ServiceError, createLogger } from '@twofold/service';

function logged(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const logger = createLogger({
    name: 'speed-layer',
    level: 'info',
    format: 'json',
    clock: { now: () => Date.UTC(2026, 10, 21, 12, 3, 4, 250) },
    stream: { write: (line) => lines.push(line) },
    ...options,
  });
  return { logger, lines };
}
const parsed = (line: string | undefined) => JSON.parse(line ?? '') as Record<string, unknown>;

describe('the logger', () => {
  it('writes one JSON object a line', () => {
    const { logger, lines } = logged();
    logger.info('caught up', { partition: 3, offset: 2n ** 60n, level: 'not the line’s' });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/\n$/);
    expect(parsed(lines[0])).toEqual({
      level: 'info',
      time: '2026-11-21T12:03:04.250Z',
      service: 'speed-layer',
      message: 'caught up',
      facts: { partition: 3, offset: '1152921504606846976', level: 'not the line’s' },
    });
  });

  it('keeps what is below its level to itself', () => {
    const { logger, lines } = logged({ level: 'warn' });
    logger.debug('a');
    logger.info('b');
    logger.warn('c');
    logger.error('d');
    expect(lines.map((line) => parsed(line)['message'])).toEqual(['c', 'd']);
  });

  it('tells an error with its code, its facts and its causes', () => {
    const { logger, lines } = logged();
    const cause = new Error('connection refused');
    logger.error('failed', {
      error: new ServiceError('WEBHOOK_UNREACHABLE', 'no answer', { facts: { id: 'A' }, cause }),
    });
    expect(parsed(lines[0])['facts']).toMatchObject({
      error: {
        name: 'ServiceError',
        code: 'WEBHOOK_UNREACHABLE',
        facts: { id: 'A' },
        cause: { message: 'connection refused' },
      },
    });
  });

  it('masks secrets by the name of their key and by their value, at any depth', () => {
    const { logger, lines } = logged({ secrets: ['hunter2'] });
    logger.info('connecting with hunter2', {
      password: 'x1',
      options: { headers: [{ Authorization: 'Bearer x2' }] },
      url: 'http://me:hunter2@host/',
    });
    expect(lines[0]).not.toMatch(/hunter2|x1|x2/);
    expect(parsed(lines[0])).toMatchObject({ message: 'connecting with ********' });
  });

  it('survives whatever it is given', () => {
    const { logger, lines } = logged();
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    logger.info('odd', {
      circle,
      fn: () => 1,
      nan: NaN,
      map: new Map([['a', 1]]),
      bytes: new Uint8Array(3),
      none: undefined,
    });
    expect(parsed(lines[0])['facts']).toMatchObject({
      fn: '[function]',
      nan: 'NaN',
      map: { a: 1 },
      bytes: '[3 bytes]',
    });
  });

  it('writes a plain line for people where the stream is a terminal', () => {
    const lines: string[] = [];
    const stream = { isTTY: true, write: (line: string) => lines.push(line) };
    const { logger } = logged({ format: 'auto', colour: false, stream });
    logger.info('caught up', { partition: 3, view: 'by sensor' });
    expect(lines).toEqual(['12:03:04.250 info  speed-layer caught up partition=3 view="by sensor"\n']);
  });

  it('shows people the stack of an error below the line', () => {
    const { logger, lines } = logged({ format: 'human' });
    logger.error('failed', { error: new Error('disk full') });
    expect(lines[0]).toMatch(/^12:03:04.250 error speed-layer failed error="disk full"\n {4}Error: disk full\n {8}at /);
  });
});
