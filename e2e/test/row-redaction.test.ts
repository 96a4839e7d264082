import { OwnPlatform, runTwofold, TwofoldProcess } from '@twofold/e2e';
import { afterAll, beforeAll, expect, test } from 'vitest';

const PROJECT = `import { enumeration, instant, int, stream, text, upsert } from '@twofold/schemas';
import { count, project, sum, tumbling, view } from '@twofold/views';

const persons = stream('persons', {
  fields: {
    person: text().maxLength(40), revision: int(), op: enumeration(['state', 'delete']).optional(),
    at: instant('ms'), town: text().maxLength(40).optional(), amount: int().optional(),
  },
  id: ['person', 'revision', 'at'], eventTime: 'at', partitionKey: 'person', skew: null,
  dedupeHorizon: 200, sliceSize: 64,
});
const rows = upsert('person-rows', {
  of: persons, key: ['person'], revision: 'revision', operation: { field: 'op', deletes: ['delete'] },
});

export default project('shop', {
  streams: [persons, rows],
  views: [view('perTown', {
    from: rows, version: 1, dimensions: (e) => ({ town: e.town }), window: tumbling('1h'),
    measures: (e) => ({ people: count(), amount: sum(e.amount) }),
    levels: { '1h': 'forever' }, serve: [{ key: ['town'] }],
  })],
});
`;

const shop = new OwnPlatform('rows', PROJECT);
beforeAll(() => shop.start(), 180_000);
afterAll(() => shop.end());

const CANARY = 'canary-9d1c';
const START = Date.UTC(2026, 0, 1);
let made = 0;

const stated = (person: string, revision: number, town: string | null, amount = 1) => ({
  ...{ person, revision, op: town === null ? 'delete' : 'state', at: START + made++ },
  ...{ town, amount: town === null ? null : amount },
});

async function told<T>(...args: string[]): Promise<T> {
  return JSON.parse(await shop.run(...args, '--json')) as T;
}

async function refused(...args: string[]): Promise<string> {
  const { code, stderr } = await runTwofold(shop.args(...args));
  return `${code} ${stderr.trim().split('\n').at(-1)}`;
}

async function scan(text: string): Promise<string[]> {
  // It ends in another code when something is found.
  const { stdout } = await runTwofold(shop.args('scan', text, '--json'));
  const { found, notRead } = JSON.parse(stdout) as { found: string[]; notRead: string[] };
  expect(notRead).toEqual([]);
  return found;
}

const send = (events: readonly object[]): Promise<void> => shop.send('persons', events);

/** People of a town, and what they come to, as the API answers; null: nobody. */
async function people(town: string): Promise<[number, number] | null> {
  const query = `{ perTown(key: { town: { eq: "${town}" } }, grain: HOUR, first: 10
    timeRange: { from: "2026-01-01T00:00:00Z", to: "2026-01-01T04:00:00Z" }) { nodes { people amount } } }`;
  const data = (await shop.ask(query)) as { perTown: { nodes: { people: number; amount: number }[] } };
  const [row] = data.perTown.nodes;
  return row === undefined ? null : [Number(row.people), Number(row.amount)];
}

interface Planned {
  readonly plan: { readonly id: string; readonly fingerprint: string; readonly erases?: unknown };
}

const note = ['--reason', 'ticket 12', '--author', 'ann', '--approver', 'bob'];
const asked = ['correct', 'redact', 'persons', '--where', `person = '${CANARY}'`, ...note];

test('E21, E27: a person is taken away and erased beside a running platform, through kills: no byte is left, and the others stay', async () => {
  const others = Array.from({ length: 60 }, (_, i) => stated(`p${i % 20}`, 1 + Math.floor(i / 20), 'Ulm', i));
  await send([
    ...others,
    stated(CANARY, 1, 'Ulm', 1_000),
    stated(CANARY, 2, `near ${CANARY}`, 2_000),
    { ...stated(CANARY, 1, 'Ulm'), at: `${CANARY}` },
  ]);
  const rest = others.slice(40).reduce((sum, { amount }) => sum + (amount ?? 0), 0);
  await expect.poll(() => people('Ulm'), { timeout: 60_000 }).toEqual([20, rest]);
  // What is sent last may come last.
  await expect.poll(() => people(`near ${CANARY}`), { timeout: 60_000 }).toEqual([1, 2_000]);
  expect(await refused(...asked)).toMatch(/^1 .*Take them away first.*ROW_HELD/);
  expect(await refused('correct', 'redact', 'person-rows', '--where', `person = '${CANARY}'`, ...note)).toMatch(
    /^1 .*redact the rows there.*CORRECTION_INVALID/,
  );
  await send([stated(CANARY, 3, null)]);
  await expect.poll(() => people(`near ${CANARY}`), { timeout: 60_000 }).toBe(null);
  expect((await scan(CANARY)).length).toBeGreaterThan(3);

  const { plan } = await told<Planned>(...asked);
  expect(plan.erases).toMatchObject({ rows: 1, counts: { applied: 3, rejected: 1 }, derived: { changes: 4 } });
  const apply = ['apply', plan.id, '--fingerprint', plan.fingerprint];
  for (const ms of [2_000, 3_500]) {
    const cut = new TwofoldProcess(shop.args(...apply));
    await new Promise((resolve) => setTimeout(resolve, ms));
    await cut.kill('SIGKILL');
    expect(await people('Ulm')).toEqual([20, rest]);
  }
  const { certificate } = await told<{ certificate: { places: { place: string; goneBy: null }[] } }>(...apply);
  expect(certificate.places.map(({ place }) => place)).toContain('operator of person-rows');
  expect(await people('Ulm')).toEqual([20, rest]);
  expect(await scan(CANARY)).toEqual([]);
  await told('verify');
}, 400_000);

test('E21, E27: what is stated of an erased row later is new, what is older stays superseded, also after a kill', async () => {
  await send([stated(CANARY, 2, 'Bern', 5)]);
  await send([stated('p1', 9, 'Bern', 7)]);
  await expect.poll(() => people('Bern'), { timeout: 60_000 }).toEqual([1, 7]);
  await shop.kill();
  await shop.start();
  await send([stated(CANARY, 3, 'Bern', 5), stated(CANARY, 4, 'Bern', 50)]);
  await expect.poll(() => people('Bern'), { timeout: 60_000 }).toEqual([2, 57]);
  await told('verify');
}, 300_000);
