import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type ServiceContext, runService } from '@twofold/service';
import { fakeHost, recordingLogger, virtualClock } from '@twofold/service/testing';

function start(service: (context: ServiceContext) => Promise<void>) {
  const host = fakeHost();
  const clock = virtualClock();
  const logger = recordingLogger();
  const ended = runService({ service, host, clock, logger, drainMsMax: 10_000 });
  return { host, clock, logger, ended, messages: () => logger.entries.map(({ message }) => message) };
}
const never = () => new Promise<void>(() => undefined);
const untilAsked = ({ signal }: ServiceContext) =>
  new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve());
  });

describe('a service', () => {
  it('ends with 0 when it returns, and lets go of the process', async () => {
    const run = start(async ({ ready }) => ready({ port: 4000 }));
    expect(await run.ended).toBe(0);
    expect(run.logger.entries).toEqual([{ level: 'info', message: 'ready', facts: { port: 4000 } }]);
    expect([run.host.listeners, run.clock.sleepers]).toEqual([0, 0]);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('drains on %s and ends with 0', async (signal) => {
    const run = start(untilAsked);
    await run.clock.advance(1);
    run.host.stop(signal);
    expect(await run.ended).toBe(0);
    expect(run.messages()).toEqual(['draining', 'drained']);
  });

  it('counts passing on the abort as having drained', async () => {
    const run = start(
      ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    await run.clock.advance(1);
    run.host.stop('SIGTERM');
    expect(await run.ended).toBe(0);
  });

  it('is cut short by a second signal', async () => {
    const run = start(never);
    run.host.stop('SIGINT');
    await run.clock.advance(501);
    run.host.stop('SIGINT');
    expect(await run.ended).toBe(130);
    expect(run.messages()).toEqual(['draining', 'ended before it was drained']);
  });

  it('takes a signal that arrives twice, by way of npm and the terminal, for one', async () => {
    const run = start(never);
    run.host.stop('SIGINT');
    await run.clock.advance(499);
    run.host.stop('SIGINT');
    await run.clock.advance(9_501);
    expect(await run.ended).toBe(1);
    expect(run.messages()).toEqual(['draining', 'not drained in time']);
  });

  it('ends with 1 and the error in the log when it fails, also before its first step', async () => {
    const error = new Error('no such folder');
    const run = start(() => {
      throw error;
    });
    expect(await run.ended).toBe(1);
    expect(run.logger.entries).toEqual([{ level: 'error', message: 'failed', facts: { error } }]);
  });

  it('ends with 1 at an error that nobody caught', async () => {
    const run = start(never);
    run.host.fault(new Error('lost'));
    expect(await run.ended).toBe(1);
    expect(run.messages()).toEqual(['uncaught error']);
  });
});

// The same in a real process: signals and stray rejections as the machine delivers them.
describe('a service process', () => {
  const program = fileURLToPath(new URL('./service-process.ts', import.meta.url));

  function spawnService(mode: string) {
    const child = spawn(process.execPath, ['--conditions=@twofold/source', program, mode]);
    let out = '';
    const isReady = new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        out += chunk.toString();
        if (out.includes('"ready"')) resolve();
      });
    });
    const ended = new Promise<{ code: number | null; out: string }>((resolve) => {
      child.on('close', (code) => resolve({ code, out }));
    });
    return { child, isReady, ended };
  }

  it('drains on SIGTERM', async () => {
    const { child, isReady, ended } = spawnService('drain');
    await isReady;
    child.kill('SIGTERM');
    const { code, out } = await ended;
    expect(code).toBe(0);
    expect(out).toMatch(/"message":"ready"[^]*"message":"draining"[^]*"message":"drained"/);
  });

  it('ends at a stray rejection, with the error in the log', async () => {
    const { code, out } = await spawnService('stray').ended;
    expect(code).toBe(1);
    expect(out).toMatch(/"message":"nobody caught me".*"message":"uncaught error"/);
  });
});
