import { Socket } from 'node:net';
import { buildClientSchema, getIntrospectionQuery, printSchema, type IntrospectionQuery } from 'graphql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from './api-client.ts';
import { fill, Plant, T0, views } from './plant.ts';

const RANGE = 'timeRange: { from: "2026-01-05T07:00:00Z", to: "2026-01-05T10:00:00Z" }';
const SMALL = `{ plantMinute(${RANGE}) { totals { events } } }`;

let plant: Plant;
let test: TestApi;

beforeEach(async () => {
  plant = new Plant();
  fill(plant, 40);
  await plant.register();
  await plant.foldBase(0, 30);
  test = await startApi(plant);
});
afterEach(() => test.api.close());

const post = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
  fetch(`${test.api.url}/graphql`, { method: 'POST', headers, body });

describe('the schema', () => {
  it('is what the views declare', async () => {
    const { data: introspected } = await test.query(getIntrospectionQuery());
    const schema = printSchema(buildClientSchema(introspected as unknown as IntrospectionQuery));
    await expect(schema).toMatchFileSnapshot('./plant.graphql');
  });

  it('is refused when two fields would have one name', async () => {
    const clash = views.map((view) => ({ ...view, name: 'runs' }));
    await expect(startApi(plant, { views: clash })).rejects.toMatchObject({ code: 'SCHEMA_CLASH' });
  });
});

describe('the HTTP server', () => {
  it('says that it is up, and that it is ready once the control row is there', async () => {
    const answer = async (path: string) => {
      const response = await fetch(`${test.api.url}${path}`);
      return { status: response.status, body: await response.text() };
    };
    expect(await answer('/health')).toEqual({ status: 200, body: '{"status":"UP"}' });
    expect(await answer('/ready')).toEqual({ status: 200, body: '{"status":"READY"}' });
    plant.store.destroy();
    expect(await answer('/ready')).toEqual({ status: 503, body: '{"status":"NOT_READY"}' });
    expect(await answer('/health')).toEqual({ status: 200, body: '{"status":"UP"}' });
    expect((await answer('/etc/passwd')).status).toBe(404);
  });

  it('refuses bodies above 100 kB, whether they say so or not', async () => {
    const large = JSON.stringify({ query: SMALL, variables: { x: 'y'.repeat(100_000) } });
    expect((await post(large)).status).toBe(413);
    const stream = new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('y'.repeat(10_000))),
    });
    const response = fetch(`${test.api.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: stream,
      duplex: 'half',
    } as RequestInit);
    // The server stops reading: the client gets the answer, or finds the connection closed.
    await expect(
      response.then(
        ({ status }) => status,
        () => 413,
      ),
    ).resolves.toBe(413);
    expect((await test.query(SMALL)).data.plantMinute.totals['events']).toBe('30');
  });

  it.each([
    ['text/plain', 'text/plain'],
    ['a form', 'application/x-www-form-urlencoded'],
    ['a multipart form', 'multipart/form-data; boundary=x'],
  ])('refuses %s, which any page could send', async (_, type) => {
    expect((await post(JSON.stringify({ query: SMALL }), { 'content-type': type })).status).toBe(403);
  });

  it('refuses queries by GET, and sends no leave to other origins', async () => {
    expect((await fetch(`${test.api.url}/graphql?query=${encodeURIComponent(SMALL)}`)).status).toBe(403);
    const response = await post(JSON.stringify({ query: SMALL }), {
      'content-type': 'application/json',
      origin: 'http://elsewhere',
    });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    expect((await fetch(`${test.api.url}/graphql`, { method: 'OPTIONS' })).status).toBe(405);
  });

  it.each([
    ['50 levels', `{ ${'views { name '.repeat(50)} ${'}'.repeat(51)}`],
    ['1,000 aliases', `{ ${Array.from({ length: 1_000 }, (_, i) => `a${i}: __typename`).join(' ')} }`],
    ['21 fields of Query', `{ ${Array.from({ length: 21 }, (_, i) => `a${i}: release { id }`).join(' ')} }`],
    ['10,000 tokens', `{ ${'__typename '.repeat(10_000)} }`],
    ['500 directives', `{ __typename ${'@skip(if: false) '.repeat(500)} }`],
    [
      'fragments that fan out',
      `{ ...f0 } ${Array.from({ length: 20 }, (_, i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }`).join(' ')} fragment f20 on Query { __typename }`,
    ],
    ['a fragment that contains itself', '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }'],
    [
      'types of types without end',
      `{ __schema { types ${'{ fields { type '.repeat(30)} { name } ${'} }'.repeat(30)} } }`,
    ],
  ])('refuses %s before anything is executed', async (_, query) => {
    let reads = 0;
    const control = { ...plant.store.control, read: () => (reads++, plant.store.control.read()) };
    await test.api.close();
    test = await startApi(plant, { store: { ...plant.store, control } });
    const { errors, data } = await test.query(query);
    expect(data).toBeUndefined();
    expect(errors.length).toBeGreaterThan(0);
    expect(reads).toBe(0);
  });

  it('refuses batches of operations', async () => {
    const response = await post(JSON.stringify([{ query: SMALL }, { query: SMALL }]));
    expect(response.status).toBe(400);
  });

  it('executes the operation that is asked for of a document that has several', async () => {
    const query = `query a { release { id } } query b { views { name } }`;
    const run = async (operationName: string): Promise<unknown> =>
      await (await post(JSON.stringify({ query, operationName }))).json();
    expect(await run('a')).toEqual({ data: { release: { id: 'release-0' } } });
    expect(await run('b')).toEqual({ data: { views: [{ name: 'bySensor' }, { name: 'plantMinute' }] } });
  });

  it('tells of what failed inside only an id, which the log has with the cause', async () => {
    const speedRows = () => Promise.reject(new TypeError('secret /var/lib/path'));
    await test.api.close();
    test = await startApi(plant, { store: { ...plant.store, unproved: { ...plant.store.unproved, speedRows } } });
    const { errors, data } = await test.query(SMALL);
    expect(data).toEqual({ plantMinute: null });
    expect(JSON.stringify(errors)).not.toContain('secret');
    const { code, id } = errors[0]?.extensions ?? {};
    expect(code).toBe('INTERNAL');
    const line = test.logger.entries.find(({ facts }) => facts['id'] === id);
    expect(String(line?.facts['error'])).toContain('secret');
  });

  it('ends a request that takes too long, and tells the store so', async () => {
    let stopped = false;
    const read = (_: unknown, signal?: AbortSignal): Promise<never> =>
      new Promise((__, reject) =>
        signal?.addEventListener('abort', () => {
          stopped = true;
          reject(new TypeError('stopped'));
        }),
      );
    await test.api.close();
    test = await startApi(plant, {
      store: { ...plant.store, unproved: { ...plant.store.unproved, speedRows: read } },
      requestTimeoutMs: 500,
    });
    const response = await post(JSON.stringify({ query: SMALL }));
    expect(response.status).toBe(503);
    expect(await response.text()).toContain('TIMEOUT');
    await expect.poll(() => stopped).toBe(true);
  });

  it('tells the store when the client has gone', async () => {
    let stopped = false;
    const socket = new Socket();
    const read = (_: unknown, signal?: AbortSignal): Promise<never> =>
      new Promise(() => {
        signal?.addEventListener('abort', () => (stopped = true));
        socket.destroy();
      });
    await test.api.close();
    test = await startApi(plant, { store: { ...plant.store, unproved: { ...plant.store.unproved, speedRows: read } } });
    const body = JSON.stringify({ query: SMALL });
    const { port } = test.api.address();
    socket.connect(port, '127.0.0.1', () => {
      socket.write(
        `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      );
    });
    await expect.poll(() => stopped).toBe(true);
  });

  it('names the address that is in use, and how to choose another', async () => {
    const { port } = test.api.address();
    await expect(startApi(plant, { port })).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' });
    await expect(startApi(plant, { port })).rejects.toThrow(`127.0.0.1:${port} is in use by another program.`);
    await expect(startApi(plant, { port })).rejects.toThrow('--port');
  });

  it('refuses a secret that could be guessed', async () => {
    await expect(startApi(plant, { cursorSecret: 'short' })).rejects.toMatchObject({ code: 'SECRET_TOO_SHORT' });
  });

  it('gives a browser GraphiQL, all in one page, with a working query for each view', async () => {
    await plant.promote([8, 8], 'r1');
    const response = await fetch(`${test.api.url}/graphql`, { headers: { accept: 'text/html,*/*' } });
    const page = await response.text();
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(page).not.toMatch(/<(script|link)[^>]+(src|href)="https?:/);
    const tabs = /"defaultTabs":(\[.*\]),"maxHistoryLength"/.exec(page)?.[1] ?? '[]';
    const queries = JSON.parse(tabs) as readonly { query: string }[];
    expect(queries).toHaveLength(3);
    for (const { query } of queries) {
      const { errors, data } = await test.query(query);
      expect(errors).toEqual([]);
      const rows = data.bySensor?.nodes ?? data.plantMinute?.nodes ?? data.views;
      expect(rows.length).toBeGreaterThan(0);
    }
  });

  it('lets no key of the data end the page’s script', async () => {
    plant.log[0]?.splice(
      0,
      30,
      ...Array.from({ length: 30 }, (_, n) => ({ sensor: '</script><script>alert(1)', n, atMs: T0 + 1e6, value: 1 })),
    );
    const evil = new Plant();
    evil.log.splice(0, 2, ...plant.log);
    await evil.register();
    await evil.foldBase(0, 30);
    await test.api.close();
    test = await startApi(evil);
    const page = await (await fetch(`${test.api.url}/graphql`, { headers: { accept: 'text/html' } })).text();
    expect(page).toContain('alert(1)');
    expect(page).not.toContain('</script><script>alert');
  });
});
