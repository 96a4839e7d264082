import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { checkAnswers, WATCHED, WireProxy, type WatchedAnswer } from '@twofold/e2e';
import { classify, oracleAnswer, type ClassifiedRecord } from '@twofold/oracle';
import { plantMinute, sensorReadings } from '@twofold/plant';
import { afterEach, describe, expect, it } from 'vitest';

/** Ten events of two partitions in turn, one every 20 seconds. */
const log: ClassifiedRecord[] = classify(
  sensorReadings,
  Array.from({ length: 10 }, (_, n) => {
    const at = new Date(WATCHED.from + 20_000 * n).toISOString();
    const value = { sensor_id: `s-${n % 2}`, timestamp: at, temperature: 20, pressure: null, vibration: n };
    return {
      partition: n % 2,
      offset: n >> 1,
      key: null,
      value: new TextEncoder().encode(JSON.stringify(value)),
      logTime: WATCHED.to,
    };
  }),
  [0, 0],
);

/** What is right for these positions, claimed as others. */
function answer(held: readonly number[], claimed = held): WatchedAnswer {
  const rows = oracleAnswer(plantMinute, log, { ...WATCHED, upTo: held }).map(({ windowStart, windowEnd, values }) => ({
    windowStart: new Date(windowStart).toISOString(),
    windowEnd: new Date(windowEnd).toISOString(),
    ...(values as Record<string, number | null>),
    readings: String(values['readings'] as number),
  }));
  return { atMs: 0, view: 'plantMinute', release: 'r', watermark: null, positions: claimed, rows };
}

const verdictOf = (...answers: WatchedAnswer[]): string | null => checkAnswers(answers, [plantMinute], log).difference;

describe('E22: the check of answers that were given meanwhile', () => {
  it('has the log it needs', () => expect(log.every((record) => record.class === 'applied')).toBe(true));

  it('takes answers that hold what they claim, and those that hold what follows it too', () => {
    expect(verdictOf(answer([0, 0]), answer([2, 3]), answer([5, 5]))).toBe(null);
    expect(verdictOf(answer([4, 3], [2, 3]), answer([5, 5], [2, 3]))).toBe(null);
  });

  it('takes an answer from before a partition was added', () => {
    expect(verdictOf(answer([2, 0], [2]), answer([5, 5]))).toBe(null);
    expect(verdictOf(answer([5, 5]), answer([5, 0], [5]))).toContain('went back');
  });

  it.each([
    ['a hole', answer([2, 3], [3, 3]), 'claims to have'],
    [
      'an event twice',
      { ...answer([2, 3]), rows: answer([2, 3]).rows.map((row, i) => (i > 0 ? row : { ...row, readings: '4' })) },
      'not those that follow',
    ],
    [
      'a wrong value',
      { ...answer([2, 3]), rows: answer([2, 3]).rows.map((row) => ({ ...row, worst: 99 })) },
      'worst is 99',
    ],
  ])('sees %s', (_, wrong, why) => expect(verdictOf(wrong)).toContain(why));

  it('sees an answer that goes back', () => expect(verdictOf(answer([3, 3]), answer([3, 2]))).toContain('went back'));
});

describe('the wire proxy', () => {
  let closers: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closers) await close();
    closers = [];
  });

  /** A server that gives back each byte, and counts those it got. */
  async function echo(): Promise<{
    proxy: WireProxy;
    received: () => number;
    client: () => Promise<Awaited<ReturnType<typeof connectTo>>>;
  }> {
    let received = 0;
    const server: Server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        received += bytes.length;
        socket.write(bytes);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const proxy = await WireProxy.listen(typeof address === 'object' && address !== null ? address.port : 0);
    closers.push(
      () => proxy.close(),
      () => new Promise((resolve) => server.close(resolve)),
    );
    return { proxy, received: () => received, client: () => connectTo(proxy) };
  }

  async function connectTo(proxy: WireProxy) {
    const { connect } = await import('node:net');
    const socket = connect(Number(proxy.address.split(':')[1]), '127.0.0.1');
    let got = '';
    let closed = false;
    socket.on('data', (bytes: Buffer) => (got += bytes.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => (closed = true));
    await once(socket, 'connect');
    return { socket, got: () => got, closed: () => closed };
  }

  it('passes bytes in order, late ones too', async () => {
    const { proxy, client } = await echo();
    const { socket, got } = await client();
    socket.write('a');
    await expect.poll(got).toBe('a');
    proxy.set('DELAYED', 30);
    socket.write('b');
    await new Promise((resolve) => setTimeout(resolve, 5));
    proxy.set('OPEN');
    socket.write('c');
    await expect.poll(got).toBe('abc');
  });

  it('holds bytes back while it is stalled, and loses none', async () => {
    const { proxy, client, received } = await echo();
    const { socket, got } = await client();
    proxy.set('STALLED');
    socket.write('a');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(received()).toBe(0);
    proxy.set('OPEN');
    await expect.poll(got).toBe('a');
  });

  it('swallows replies to requests that arrive, and ends what lost bytes', async () => {
    const { proxy, client, received } = await echo();
    const { socket, got, closed } = await client();
    proxy.set('SWALLOWED');
    socket.write('a');
    await expect.poll(received).toBe(1);
    expect(got()).toBe('');
    proxy.set('OPEN');
    await expect.poll(closed).toBe(true);
    expect(got()).toBe('');
  });

  it('cuts and refuses connections', async () => {
    const { proxy, client } = await echo();
    const first = await client();
    proxy.cut();
    await expect.poll(first.closed).toBe(true);
    proxy.set('REFUSED');
    const second = await client().catch(() => null);
    await expect.poll(() => second?.closed() ?? true).toBe(true);
  });
});
