import { CorrectionError } from '@twofold/corrections';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from './api-client.ts';
import { fakeOperations } from './fake-operations.ts';
import { T0 } from './plant.ts';
import { promotedPlant } from './promoted-plant.ts';

const TOKEN = 'a token of operators';
const ids = { next: () => 'a key of its own' };

let test: TestApi;
let given: ReturnType<typeof fakeOperations>;

beforeEach(async () => {
  given = fakeOperations();
  test = await startApi(await promotedPlant(), {
    operating: { token: TOKEN, operations: given.operations, ids },
  });
});
afterEach(() => test.api.close());

interface Told {
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

async function ask(
  query: string,
  variables: object = {},
  authorization: string | null = `Bearer ${TOKEN}`,
): Promise<Told> {
  const response = await fetch(`${test.api.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(authorization === null ? {} : { authorization }) },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Told;
}

const planning = `mutation Plan($input: CorrectionInput!) { planCorrection(input: $input) {
  __typename ... on CorrectionPlan { id fingerprint matched added effects { view recordsToRead rowsToWrite }
    sample { offset fields { name value } } } ... on Refusal { code message } } }`;
const applying = `mutation Apply($gates: [GateInput!]) { applyPlan(planId: "p1", fingerprint: "print", gates: $gates) {
  __typename ... on CorrectionApplied { correction release facts { name value } }
  ... on GateBlocked { gate diff } ... on Refusal { code message retryable } } }`;
const input = {
  stream: 'readings',
  kind: 'RETRACT',
  where: "sensor = 'a' and value > 3",
  reason: 'wet',
  author: 'ann',
};

describe('operators', () => {
  it('plan, and apply what they saw', async () => {
    const planned = await ask(planning, {
      input: { ...input, from: '2026-01-05T00:00:00Z', ids: ['{"sensor":"a","n":3}'] },
    });
    expect(planned).toEqual({
      data: {
        planCorrection: {
          ...{ __typename: 'CorrectionPlan', id: 'p1', fingerprint: 'print', matched: '2', added: '0' },
          effects: [{ view: 'bySensor', recordsToRead: '12', rowsToWrite: '5' }],
          sample: [
            {
              offset: '1',
              fields: [
                { name: 'sensor', value: 'a' },
                { name: 'value', value: '7' },
              ],
            },
          ],
        },
      },
    });
    expect(given.calls[0]).toMatchObject([
      'planCorrection',
      {
        ...{ stream: 'readings', kind: 'retract', reason: 'wet', author: 'ann', rows: null, set: null },
        selection: {
          where: {
            all: [
              { field: 'sensor', value: 'a' },
              { field: 'value', is: 'greaterThan', value: 3 },
            ],
          },
          eventTime: { from: Date.UTC(2026, 0, 5), to: null },
          ids: [{ sensor: 'a', n: 3 }],
        },
        idempotencyKey: expect.any(String) as unknown,
      },
    ]);
    const applied = await ask(applying, { gates: [{ name: 'few', maxRows: 3 }] });
    expect(applied.data?.['applyPlan']).toEqual({
      ...{ __typename: 'CorrectionApplied', correction: 'c1', release: 'r2' },
      facts: [{ name: 'recordsRead', value: '12' }],
    });
    expect(given.calls[1]).toMatchObject([
      'applyPlan',
      'p1',
      { fingerprint: 'print', preview: false, gates: [{ name: 'few', severity: 'block', maxRows: 3, holds: null }] },
    ]);
  });

  it('see of what is taken back what comes, what goes, and what stays erased', async () => {
    const inverse = await ask(`mutation { planRevert(correction: "c1", note: { reason: "dry", author: "ann" }) {
      ... on CorrectionPlan { id matched added stayErased sample { offset } sampleAdded { source offset } } } }`);
    expect(inverse.data?.['planRevert']).toEqual({
      ...{ id: 'p2', matched: '1', added: '2', stayErased: '3' },
      ...{ sample: [], sampleAdded: [{ source: null, offset: '0' }] },
    });
  });

  it('are told of what was to be expected as data: a plan that changed, a gate, anything refused', async () => {
    const refuse = async (code: ConstructorParameters<typeof CorrectionError>[0], facts = {}): Promise<unknown> => {
      given.fails.set('applyPlan', new CorrectionError(code, `why ${code}`, { facts }));
      const { data, errors } = await ask(applying);
      expect(errors).toBeUndefined();
      return data?.['applyPlan'];
    };
    expect(await refuse('PLAN_CHANGED')).toEqual({
      ...{ __typename: 'PlanChanged', code: 'PLAN_CHANGED', message: 'why PLAN_CHANGED', retryable: false },
    });
    expect(await refuse('GATE_BLOCKED', { gate: 'few', diff: 'r9' })).toMatchObject({
      ...{ __typename: 'GateBlocked', gate: 'few', diff: 'r9', code: 'GATE_BLOCKED' },
    });
    expect(await refuse('KEY_USED')).toMatchObject({ __typename: 'Refused', code: 'KEY_USED' });
    given.fails.set('planCorrection', new CorrectionError('NOTHING_MATCHES', 'nothing'));
    expect((await ask(planning, { input })).data).toMatchObject({
      planCorrection: { __typename: 'Refused', code: 'NOTHING_MATCHES' },
    });
    const wrong = await ask(planning, { input: { ...input, where: 'sensor =' } });
    expect(wrong.data).toMatchObject({ planCorrection: { __typename: 'Refused', code: 'CONDITION_INVALID' } });
    const noId = await ask(planning, { input: { ...input, ids: ['x'] } });
    expect(noId.data).toMatchObject({ planCorrection: { __typename: 'Refused', code: 'CORRECTION_INVALID' } });
    const noGate = await ask(applying, { gates: [{ name: 'none' }] });
    expect(noGate.data).toMatchObject({ applyPlan: { __typename: 'Refused', code: 'CORRECTION_INVALID' } });
  });

  it('look at a dead letter, and replay some, mended; see what a redaction erased', async () => {
    const { data, errors } = await ask(
      `mutation ($input: ReplayInput!) { replayDeadLetters(input: $input) { ... on CorrectionPlan { id } } }`,
      { input: { stream: 'readings', code: 'WRONG_TYPE', transform: 'number value', reason: 'texts', author: 'ann' } },
    );
    expect(errors).toBeUndefined();
    expect(data).toEqual({ replayDeadLetters: { id: 'p1' } });
    const seen = await ask(`{
      deadLetter(stream: "readings", partition: 0, offset: "17") { code field base64 text }
      redactionCertificate(correction: "c9") { erased oldestRelease gone goneBy places { place gone goneBy } } }`);
    expect(seen.data).toEqual({
      deadLetter: {
        ...{ code: 'WRONG_TYPE', field: 'value' },
        ...{ base64: 'eyJ2YWx1ZSI6IjcifQ==', text: '{"value":"7"}' },
      },
      redactionCertificate: {
        ...{ erased: '7', oldestRelease: 'r4', gone: false, goneBy: null },
        places: [
          { place: 'store', gone: true, goneBy: null },
          { place: 'log', gone: false, goneBy: new Date(T0).toISOString() },
        ],
      },
    });
    expect(given.calls).toEqual([
      [
        'replayDeadLetters',
        {
          ...{ stream: 'readings', code: 'WRONG_TYPE', field: null, at: null, transform: 'number value' },
          ...{ all: false, partial: false, allowKnown: false, reason: 'texts', author: 'ann' },
          ...{ ticket: null, approver: null, key: null },
        },
      ],
      ['deadLetter', 'readings', '0:17'],
      ['certificate', 'c9'],
    ]);
  });

  it('roll back, let go, retire, pause, retry and backfill', async () => {
    const { data, errors } = await ask(`mutation {
      rollBack(release: "1") { ... on MadeLive { release number } }
      letGo(views: ["bySensor"]) { ... on LetGo { views } }
      retireView(view: "old") { ... on MadeLive { number } }
      pauseSchedule(schedule: "nightly", by: "ann", reason: "a look") { ... on RequestAccepted { schedule asked } }
      retryRun(run: "r", by: "ann", passing: ["few"]) { ... on RequestAccepted { asked } }
      backfill(view: "bySensor", by: "ann", from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z", piece: "1h") {
        ... on RequestAccepted { asked } } }`);
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      ...{ rollBack: { release: 'r3', number: 3 }, letGo: { views: ['bySensor'] }, retireView: { number: 4 } },
      ...{ pauseSchedule: { schedule: 'nightly', asked: null }, retryRun: { asked: 'a1' }, backfill: { asked: 'a2' } },
    });
    const day = { from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 0, 2) };
    expect(given.calls).toEqual([
      ['rollBack', '1', null],
      ['letGo', ['bySensor']],
      ['retireView', 'old'],
      ['pauseSchedule', 'nightly', 'ann', 'a look'],
      ['retryRun', 'r', 'ann', ['few']],
      ['backfill', 'bySensor', { by: 'ann', ...day, pieceMs: 3_600_000, restMs: 10_000 }],
    ]);
  });

  it('look at releases, corrections and plans, of which there may be none', async () => {
    const query =
      '{ releases { id live corrections } corrections { id } releaseDiff(release: "x") { base } correctionPlan(id: "p") { id } }';
    for (let i = 0; i < 2; i++)
      expect((await ask(query)).data).toEqual({
        releases: [{ id: 'r1', live: true, corrections: ['c1'] }],
        corrections: [],
        releaseDiff: null,
        correctionPlan: { id: 'p1' },
      });
    given.fails.set('plan', new CorrectionError('PLAN_UNKNOWN', 'none'));
    expect((await ask('{ correctionPlan(id: "q") { id } }')).data).toEqual({ correctionPlan: null });
  });

  it('what nobody expected stays an error, and tells nothing of the inside', async () => {
    given.fails.set('applyPlan', new TypeError('secret of the inside'));
    const { data, errors } = await ask(applying);
    expect(data).toBeNull();
    expect(JSON.stringify(errors)).not.toMatch('secret');
    expect(errors?.[0]?.extensions?.code).toBe('INTERNAL');
  });
});

describe('who shows no token, or another one', () => {
  it('does and sees nothing of it, also after an operator asked the same', async () => {
    const query = '{ releases { id } }';
    for (let i = 0; i < 3; i++) expect((await ask(query)).errors).toBeUndefined();
    for (const authorization of [null, 'Bearer ', 'Bearer another token', `Basic ${TOKEN}`, TOKEN]) {
      const before = given.calls.length;
      for (const asked of [query, applying, 'mutation { letGo { __typename } }']) {
        const { errors } = await ask(asked, {}, authorization);
        expect(errors?.[0]?.extensions?.code).toBe('NOT_ALLOWED');
      }
      expect(given.calls).toHaveLength(before);
    }
    expect((await ask('{ views { name } }', {}, null)).errors).toBeUndefined();
    expect(JSON.stringify(test.logger)).not.toContain(TOKEN);
  });

  it('without a token in the settings there are no mutations at all', async () => {
    const plain = await startApi(await promotedPlant());
    try {
      const { errors } = await plain.query('mutation { letGo { __typename } }');
      expect(errors[0]?.message).toMatch(/not configured to execute mutation|mutation/i);
      expect((await plain.query('{ releases { id } }')).errors).not.toEqual([]);
    } finally {
      await plain.api.close();
    }
  });

  it('a token that can be guessed is refused at the start', async () => {
    const short = startApi(await promotedPlant(), {
      operating: { token: 'short', operations: given.operations, ids },
    });
    await expect(short).rejects.toMatchObject({ code: 'SECRET_TOO_SHORT' });
  });
});
