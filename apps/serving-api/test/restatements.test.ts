import type { ToldRestatement } from '@twofold/corrections';
import { expect, it } from 'vitest';
import type { PlacedChange, RestatementSource } from '../src/index.ts';
import { startApi, type TestApi } from './api-client.ts';
import { T0 } from './plant.ts';
import { promotedPlant } from './promoted-plant.ts';

function change(position: number, view: string): PlacedChange {
  const told: ToldRestatement = {
    ...{ format: 1, id: `r1:${position}`, view, version: 1, key: { sensor: 'a' }, rows: 1, cause: 'CORRECTION' },
    ...{ window: { start: T0, end: T0 + 10_000 }, old: { total: '7' }, new: null, correction: 'c1', reason: 'wet' },
    ...{ release: 'r1', releaseNumber: 2 },
  };
  return { position, told };
}

/** A feed of five changes that then waits; notes who has left. */
function feed(): { source: RestatementSource; left: () => number } {
  let left = 0;
  return {
    left: () => left,
    source: {
      async *follow(after, signal) {
        try {
          for (let position = 0; position < 5; position++)
            if (position > (after ?? 1)) yield change(position, position % 2 === 0 ? 'bySensor' : 'plantMinute');
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        } finally {
          left++;
        }
      },
    },
  };
}

async function subscribe(
  test: TestApi,
  query: string,
): Promise<{ next: () => Promise<unknown>; leave: () => void; type: string | null }> {
  const leaving = new AbortController();
  const response = await fetch(`${test.api.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query }),
    signal: leaving.signal,
  });
  const reader = response.body?.getReader();
  let text = '';
  const next = async (): Promise<unknown> => {
    for (;;) {
      const found = /event: next\ndata: (.*)\n\n/.exec(text);
      if (found !== null) {
        text = text.slice(found.index + found[0].length);
        return JSON.parse(found[1] ?? '') as unknown;
      }
      const part = await reader?.read();
      if (part === undefined || part.done) return text;
      text += new TextDecoder().decode(part.value);
    }
  };
  return { next, leave: () => leaving.abort(), type: response.headers.get('content-type') };
}

it('changed answers come as server-sent events, of one view or after a position, until the client leaves', async () => {
  const { source, left } = feed();
  const test = await startApi(await promotedPlant(), { restatements: source });
  try {
    const all = await subscribe(
      test,
      'subscription { restatements { id position view key { name value } windowStart old { value } new { value } cause reason releaseNumber } }',
    );
    expect(all.type).toMatch('text/event-stream');
    expect(await all.next()).toEqual({
      data: {
        restatements: {
          ...{ id: 'r1:2', position: '2', view: 'bySensor', key: [{ name: 'sensor', value: 'a' }] },
          ...{ windowStart: new Date(T0).toISOString(), old: [{ value: '7' }], new: null },
          ...{ cause: 'CORRECTION', reason: 'wet', releaseNumber: 2 },
        },
      },
    });
    const some = await subscribe(test, 'subscription { restatements(view: "plantMinute", after: "-1") { id } }');
    expect([await some.next(), await some.next()]).toMatchObject([
      { data: { restatements: { id: 'r1:1' } } },
      { data: { restatements: { id: 'r1:3' } } },
    ]);
    all.leave();
    some.leave();
    await expect.poll(left).toBe(2);
    const wrong = await subscribe(test, 'subscription { restatements(after: "-7") { id } }');
    expect(JSON.stringify(await wrong.next())).toMatch('RANGE_INVALID');
    wrong.leave();
    // Queries go on as before.
    expect((await test.query('{ views { name } }')).errors).toEqual([]);
  } finally {
    await test.api.close();
  }
});

it('a server that closes ends subscriptions', async () => {
  const { source, left } = feed();
  const test = await startApi(await promotedPlant(), { restatements: source });
  const open = await subscribe(test, 'subscription { restatements { id } }');
  await open.next();
  await test.api.close();
  expect(left()).toBe(1);
});
