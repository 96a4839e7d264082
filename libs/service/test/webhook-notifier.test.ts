import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { ServiceError, systemClock, webhookNotifier } from '@twofold/service';
import { seededRng, virtualClock } from '@twofold/service/testing';

type Answer = number | 'no answer' | 'connection refused';

/** A notifier on a virtual clock whose receiver gives these answers in turn. */
function withAnswers(...answers: Answer[]) {
  const clock = virtualClock();
  const requests: { atMs: number; init: RequestInit }[] = [];
  const fetch = (_url: string, init: RequestInit): Promise<Response> => {
    requests.push({ atMs: clock.monotonic(), init });
    const answer = answers.shift() ?? 200;
    if (answer === 'connection refused')
      return Promise.reject(new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') }));
    if (answer === 'no answer') {
      return new Promise((_, reject) => init.signal?.addEventListener('abort', () => reject(init.signal?.reason)));
    }
    return Promise.resolve(new Response(null, { status: answer }));
  };
  const url = 'https://hooks.example/T0/secret-path';
  return { clock, requests, notifier: webhookNotifier({ url, clock, rng: seededRng(1), fetch }) };
}

async function outcome(clock: ReturnType<typeof virtualClock>, sent: Promise<void>) {
  let result: unknown = 'pending';
  sent.then(
    () => (result = 'accepted'),
    (error: unknown) => (result = error),
  );
  while (result === 'pending' && (await clock.advanceToNext()));
  return result;
}

describe('the webhook notifier', () => {
  it('posts the payload once, as JSON with the id as Idempotency-Key', async () => {
    const { clock, requests, notifier } = withAnswers(204);
    expect(await outcome(clock, notifier.notify('01A', { offset: 2n ** 60n }))).toBe('accepted');
    expect(requests.map(({ init }) => init)).toMatchObject([
      {
        method: 'POST',
        body: '{"offset":"1152921504606846976"}',
        headers: { 'idempotency-key': '01A', 'content-type': 'application/json' },
      },
    ]);
    expect(clock.sleepers).toBe(0);
  });

  it('tries again after a failure that may pass, with the same id and doubled waits', async () => {
    const { clock, requests, notifier } = withAnswers(503, 'connection refused', 429, 200);
    expect(await outcome(clock, notifier.notify('01A', {}))).toBe('accepted');
    const waits = requests.map(({ atMs }, index) => atMs - (requests[index - 1]?.atMs ?? 0)).slice(1);
    expect(waits).toHaveLength(3);
    for (const [index, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(100 * 2 ** index);
      expect(wait).toBeLessThanOrEqual(200 * 2 ** index);
    }
    expect(new Set(requests.map(({ init }) => new Headers(init.headers).get('idempotency-key')))).toEqual(
      new Set(['01A']),
    );
  });

  it('gives up on an attempt that gets no answer, and tries again', async () => {
    const { clock, requests, notifier } = withAnswers('no answer', 200);
    expect(await outcome(clock, notifier.notify('01A', {}))).toBe('accepted');
    expect(requests[1]?.atMs).toBeGreaterThanOrEqual(5_000);
    expect(requests[0]?.init.signal?.aborted).toBe(true);
  });

  it('stops after the attempts it has, and says why without the path', async () => {
    const { clock, requests, notifier } = withAnswers(
      ...Array.from({ length: 9 }, () => 'connection refused' as const),
    );
    const error = await outcome(clock, notifier.notify('01A', {}));
    expect(error).toMatchObject({ code: 'WEBHOOK_UNREACHABLE', retryable: true });
    expect(String(error)).toBe(
      'ServiceError: https://hooks.example did not accept notification 01A in 5 attempts: fetch failed (ECONNREFUSED).',
    );
    expect(requests).toHaveLength(5);
  });

  it.each([301, 307, 400, 401, 404, 410])('takes %i for a no, and does not repeat it', async (status) => {
    const { clock, requests, notifier } = withAnswers(status);
    const error = await outcome(clock, notifier.notify('01A', {}));
    expect(error).toBeInstanceOf(ServiceError);
    expect(error).toMatchObject({ code: 'WEBHOOK_REFUSED', retryable: false, facts: { status } });
    expect(requests).toHaveLength(1);
  });

  it('ends at once when its caller gives up', async () => {
    const { clock, requests, notifier } = withAnswers(503, 200);
    const caller = new AbortController();
    const sent = notifier.notify('01A', {}, caller.signal);
    await clock.advance(1);
    caller.abort(new Error('shutting down'));
    expect(await outcome(clock, sent)).toMatchObject({ message: 'shutting down' });
    expect(requests).toHaveLength(1);
  });

  it('reaches a real receiver', async () => {
    const got: string[] = [];
    const server = createServer((request, response) => {
      request.on('data', (chunk: Buffer) =>
        got.push(`${String(request.headers['idempotency-key'])} ${chunk.toString()}`),
      );
      request.on('end', () => response.writeHead(got.length < 2 ? 500 : 202).end('thanks'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const bound = server.address();
    const port = typeof bound === 'object' ? bound?.port : 0;
    const url = `http://127.0.0.1:${port}/hook`;
    await webhookNotifier({ url, clock: systemClock(), rng: seededRng(1), backoffMs: 1 }).notify('01B', { hot: true });
    server.close();
    expect(got).toEqual(['01B {"hot":true}', '01B {"hot":true}']);
  });
});
