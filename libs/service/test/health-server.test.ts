import { afterEach, expect, it } from 'vitest';
import { startHealthServer, type HealthServer, type Readiness } from '@twofold/service';

const servers: HealthServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(readiness: () => Promise<Readiness>, port = 0): Promise<string> {
  const server = await startHealthServer({ host: '127.0.0.1', port, readiness });
  servers.push(server);
  return server.url;
}

it('lives while it answers, and is ready only when it says so, with the reasons', async () => {
  const state: { now: Readiness } = { now: { ready: false, reasons: ['partition 1 of readings stopped'] } };
  const url = await start(async () => state.now);
  expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'UP' });
  const waiting = await fetch(`${url}/ready`);
  expect([waiting.status, await waiting.json()]).toEqual([
    503,
    { status: 'NOT_READY', reasons: ['partition 1 of readings stopped'] },
  ]);
  state.now = { ready: true, reasons: [] };
  expect((await fetch(`${url}/ready`)).status).toBe(200);
});

it('is not ready when it can not find out, and tells nothing of why', async () => {
  const url = await start(() => Promise.reject(new TypeError('password=hunter2')));
  const answer = await fetch(`${url}/ready`);
  expect(answer.status).toBe(503);
  expect(await answer.text()).not.toContain('hunter2');
});

it('knows nothing else', async () => {
  const url = await start(async () => ({ ready: true, reasons: [] }));
  expect((await fetch(`${url}/secrets`)).status).toBe(404);
  expect((await fetch(`${url}/ready`, { method: 'POST', body: 'x' })).status).toBe(405);
});

it('says which address it can not have', async () => {
  const url = await start(async () => ({ ready: true, reasons: [] }));
  await expect(start(async () => ({ ready: true, reasons: [] }), Number(new URL(url).port))).rejects.toMatchObject({
    code: 'ADDRESS_NOT_USABLE',
  });
});
