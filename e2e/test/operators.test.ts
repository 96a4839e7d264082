import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  OperatorClient,
  PLANT,
  runTwofold,
  TwofoldProcess,
  type FeedChange,
  type OperatorResult as Result,
} from '@twofold/e2e';
import { afterAll, beforeAll, expect, test } from 'vitest';

const folder = mkdtempSync(path.join(tmpdir(), 'twofold-operators-'));
const TOKEN = 'token-of-the-operators-of-this-test';
const plant = (...args: string[]): string[] => [
  ...[...args, '--project', PLANT],
  ...['--data-folder', path.join(folder, 'data')],
];
const dev = (): TwofoldProcess => new TwofoldProcess(plant('dev', '--port', '0'), { TWOFOLD_OPERATOR_TOKEN: TOKEN });
let running: TwofoldProcess;
let url = '';
beforeAll(async () => {
  running = dev();
  url = await running.ready();
}, 180_000);
afterAll(async () => {
  await running.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

const operator = new OperatorClient(() => url, TOKEN);
const START = Date.UTC(2026, 0, 1);

/** A reading a minute of one sensor over two hours; two of them came as texts. */
function readings(): string {
  const lines = Array.from({ length: 120 }, (_, minute) => ({
    sensor: 'TS1',
    timestamp: new Date(START + minute * 60_000).toISOString().replace('.000Z', 'Z'),
    cycle: 1,
    temperature: minute === 30 || minute === 90 ? '70,5' : 40,
  }));
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

async function told<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await runTwofold(plant(...args, '--json'));
  expect(`${code} ${stderr.slice(0, 600)}`).toMatch(/^0 /);
  return JSON.parse(stdout) as T;
}

/** Hours as the API answers them: readings and the hottest. */
async function hours(): Promise<[number, number][]> {
  const { nodes } = await operator.field<{ nodes: { readings: number; hottest: string }[] }>(
    `{ rigMinute(key: { sensor: { eq: "TS1" } }, grain: HOUR, first: 10
      timeRange: { from: "2026-01-01T00:00:00Z", to: "2026-01-01T03:00:00Z" }) { nodes { readings hottest } } }`,
  );
  return nodes.map((node) => [Number(node.readings), Number(node.hottest)]);
}

const refusal = '... on Refusal { code message }';
const planned = `__typename ... on CorrectionPlan { id fingerprint matched
  conflicts { plan author sharedEvents } effects { view why } } ${refusal}`;

const plan = (input: object): Promise<Result> =>
  operator.field(`mutation ($input: CorrectionInput!) { planCorrection(input: $input) { ${planned} } }`, {
    input: { stream: 'rig-readings', kind: 'RETRACT', reason: 'wrong', author: 'ann', ...input },
  });

const apply = ({ id, fingerprint }: Pick<Result, 'id' | 'fingerprint'>, more = ''): Promise<Result> =>
  operator.field(
    `mutation ($id: String!, $print: String!) { applyPlan(planId: $id, fingerprint: $print ${more}) {
      __typename ... on CorrectionApplied { correction release alreadyInForce diff { base } }
      ... on GateBlocked { gate } ${refusal} } }`,
    { id, print: fingerprint },
  );

const replay = (more: object): Promise<Result> =>
  operator.field(`mutation ($input: ReplayInput!) { replayDeadLetters(input: $input) { ${planned} } }`, {
    input: { stream: 'rig-readings', code: 'WRONG_TYPE', reason: 'a comma', author: 'ann', ...more },
  });

const minuteOf = ({ windowStart }: FeedChange): number => (Date.parse(windowStart) - START) / 60_000;
const hottest = (values: FeedChange['old']): number => Number(values?.find(({ name }) => name === 'hottest')?.value);
let last = '-1';

test('dead letters are looked at, mended and added over HTTP, in two steps, and whoever read the hours is told', async () => {
  const file = path.join(folder, 'readings.ndjson');
  writeFileSync(file, readings());
  await told('send', 'rig-readings', file);
  const broken: [number, number][] = [
    [59, 40],
    [59, 40],
  ];
  await expect.poll(hours, { timeout: 30_000 }).toEqual(broken);
  const streams = await operator.field<{ name: string; deadLetters: { partition: number; offset: string }[] }[]>(
    '{ streams { name deadLetters(first: 5) { partition offset code field } } }',
  );
  const letters = streams.find(({ name }) => name === 'rig-readings')?.deadLetters ?? [];
  expect(letters).toMatchObject([
    { code: 'WRONG_TYPE', field: 'temperature' },
    { code: 'WRONG_TYPE', field: 'temperature' },
  ]);
  const { partition = 0, offset = '' } = letters[0] ?? {};
  expect(
    await operator.field(
      `{ deadLetter(stream: "rig-readings", partition: ${partition}, offset: "${offset}") { text } }`,
    ),
  ).toMatchObject({ text: expect.stringContaining('"70,5"') as unknown });
  expect(await replay({})).toMatchObject({
    ...{ __typename: 'Refused', code: 'WRONG_USAGE' },
    message: expect.stringMatching(/2 of 2 letters are no events/) as unknown,
  });
  const transform = 'replace "," by "." in temperature; number temperature';
  const mended = await replay({ transform });
  expect(mended.__typename).toBe('CorrectionPlan');
  expect(await apply({ ...mended, fingerprint: 'another' })).toMatchObject({ __typename: 'PlanChanged' });
  expect(await hours()).toEqual(broken);
  const applied = await apply(mended);
  expect(applied).toMatchObject({ __typename: 'CorrectionApplied', release: expect.any(String) as unknown });
  expect(await hours()).toEqual([
    [60, 70.5],
    [60, 70.5],
  ]);
  const seen = await operator.changes('rigMinute', '-1', 2);
  expect(seen.map((each) => [minuteOf(each), each.cause, each.old, each.correction])).toEqual([
    [30, 'CORRECTION', null, applied.correction],
    [90, 'CORRECTION', null, applied.correction],
  ]);
  last = seen.at(-1)?.position ?? '';
  // The same letters mended in the same way are the same correction, which is in force.
  for (const more of [{}, { allowKnown: true }])
    expect(await replay({ transform, ...more })).toMatchObject({ __typename: 'Refused', code: 'KEY_USED' });
  expect(await replay({ transform, key: 'another' })).toMatchObject({ __typename: 'Refused', code: 'ROWS_INVALID' });
}, 300_000);

test('X8: planned, shown, applied, rolled back and reverted over HTTP: answers and feed change with each step', async () => {
  const before = await hours();
  const halved = { kind: 'REPLACE', where: 'temperature > 60', set: ['temperature = temperature - 20'] };
  const wanted = await plan({ ...halved, reason: 'wrong scale' });
  expect(wanted).toMatchObject({ __typename: 'CorrectionPlan', matched: '2', conflicts: [] });
  expect(await plan({ ...halved, author: 'bob' })).toMatchObject({
    conflicts: [{ plan: wanted.id, author: 'ann', sharedEvents: '2' }],
  });
  expect(await apply(wanted, 'preview: true')).toMatchObject({ __typename: 'CorrectionApplied', release: null });
  expect(await apply(wanted, 'gates: [{ name: "few", maxRows: 1 }]')).toMatchObject({ code: 'GATE_BLOCKED' });
  expect(await hours()).toEqual(before);

  const applied = await apply(wanted);
  const after = before.map(([count, hot]) => [count, hot - 20]);
  expect(await hours()).toEqual(after);
  expect(await apply(wanted)).toMatchObject({ alreadyInForce: true, release: null, correction: applied.correction });
  const changed = await operator.changes('rigMinute', last, 2);
  expect(changed.map((each) => [minuteOf(each), each.id, hottest(each.old), hottest(each.new)])).toEqual([
    [30, `${applied.release}:0`, 70.5, 50.5],
    [90, `${applied.release}:1`, 70.5, 50.5],
  ]);
  const diff = await operator.field<{ views: { cause: string; buckets: unknown[] }[] }>(
    `{ releaseDiff(release: "${applied.release}") { views { cause rowsChanged
      buckets { from rows keysAdded largest { key before { name } after { name } } } } } }`,
  );
  expect(diff.views).toMatchObject([{ cause: 'CORRECTION', rowsChanged: 2 }]);
  expect(diff.views[0]?.buckets).toMatchObject([{ rows: 2, keysAdded: 0 }]);

  const back = await operator.field<{ release: string }>(
    `mutation { rollBack(release: "${applied.diff?.base}") { ... on MadeLive { release number } ${refusal} } }`,
  );
  expect(await hours()).toEqual(before);
  const undone = await operator.changes('rigMinute', changed.at(-1)?.position ?? '', 2);
  expect(undone.map((each) => [minuteOf(each), each.cause, each.id, hottest(each.old), hottest(each.new)])).toEqual([
    [30, 'ROLLBACK', `${back.release}:0`, 50.5, 70.5],
    [90, 'ROLLBACK', `${back.release}:1`, 50.5, 70.5],
  ]);
  expect(await apply(wanted)).toMatchObject({ __typename: 'Refused', code: 'VIEW_HELD' });
  expect(await operator.field('mutation { letGo { ... on LetGo { views } } }')).toEqual({ views: ['rigMinute'] });

  // The plan's base is live again: the same plan makes the same correction.
  const repeated = await apply(wanted);
  expect(repeated).toMatchObject({ __typename: 'CorrectionApplied', correction: applied.correction });
  expect(await hours()).toEqual(after);
  const inverse = await operator.field<Result>(
    `mutation ($note: NoteInput!) { planRevert(correction: "${applied.correction}", note: $note) { ${planned} } }`,
    { note: { reason: 'the scale was right', author: 'bob' } },
  );
  expect(await apply(inverse)).toMatchObject({ __typename: 'CorrectionApplied' });
  expect(await hours()).toEqual(before);
  const runs = await operator.field<unknown>(
    '{ runs(first: 1, job: "correct rig-readings") { trigger state inputs { view corrections } outputs { view state } } }',
  );
  expect(runs).toMatchObject([
    {
      ...{ trigger: 'CORRECTION', state: 'SUCCEEDED', outputs: [{ view: 'rigMinute', state: 'SUCCEEDED' }] },
      inputs: [{ view: 'rigMinute', corrections: expect.arrayContaining([applied.correction]) as unknown }],
    },
  ]);
  last = (await operator.changes('rigMinute', undone.at(-1)?.position ?? '', 4)).at(-1)?.position ?? '';
}, 300_000);

test('what can not be meant is refused as data, and nothing changes', async () => {
  const before = await hours();
  const refused = async (work: Promise<Result>): Promise<string> => {
    const { __typename, code, message } = await work;
    expect(message).toMatch(/^\S+( \S+){3}/);
    return `${__typename} ${code}`;
  };
  expect(await refused(plan({ where: "sensor = 'TS9'" }))).toBe('Refused NOTHING_MATCHES');
  expect(await refused(plan({ where: 'temperature > 0' }))).toBe('Refused EVERYTHING_MATCHES');
  expect(await refused(plan({ where: 'heat > 0' }))).toBe('Refused CONDITION_INVALID');
  expect(await refused(plan({ kind: 'REDACT', where: "sensor = 'TS1'" }))).toBe('Refused CORRECTION_INVALID');
  expect(await refused(plan({ kind: 'ADD', rows: ['{"sensor":"TS1"}'] }))).toBe('Refused ROWS_INVALID');
  expect(await refused(apply({ id: '01NONE', fingerprint: 'x' }))).toBe('Refused PLAN_UNKNOWN');
  const mutations = [
    ['rollBack(release: "99999")', 'ROLLBACK_REFUSED'],
    ['retireView(view: "rigMinute")', 'RETIRE_REFUSED'],
    ['retryRun(run: "none", by: "ann")', 'NAME_UNKNOWN'],
    ['pauseSchedule(schedule: "none", by: "ann")', 'NAME_UNKNOWN'],
    [
      'backfill(view: "rigMinute", by: "ann", from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z")',
      'REQUEST_INVALID',
    ],
  ] as const;
  for (const [mutation, code] of mutations)
    expect(await refused(operator.field(`mutation { ${mutation} { __typename ${refusal} } }`))).toBe(`Refused ${code}`);
  // Of two who apply what they saw, the second has seen something else.
  const [first, second] = [await plan({ where: 'temperature > 60' }), await plan({ where: 'temperature > 65' })];
  expect(await apply(first)).toMatchObject({ __typename: 'CorrectionApplied' });
  expect(await refused(apply(second))).toBe('PlanChanged PLAN_CHANGED');
  const id = (await operator.field<{ id: string }[]>('{ corrections { id } }'))[0]?.id ?? '';
  const note = { reason: 'it was hot', author: 'bob' };
  const revert = `mutation ($note: NoteInput!) { planRevert(correction: "${id}", note: $note) { ${planned} } }`;
  expect(await apply(await operator.field<Result>(revert, { note }))).toMatchObject({
    __typename: 'CorrectionApplied',
  });
  expect(await refused(operator.field(revert, { note }))).toBe('Refused NOT_IN_FORCE');
  expect(await hours()).toEqual(before);
  last = (await operator.changes('rigMinute', last, 4)).at(-1)?.position ?? '';
}, 300_000);

test('schedules are paused, resumed and backfilled over HTTP, and the history has it', async () => {
  const accepted = `__typename ... on RequestAccepted { schedule asked } ${refusal}`;
  const schedule = await operator.field<{ schedule: string }>(
    `mutation { pauseSchedule(schedule: "rigMinute", by: "ann", reason: "a look") { ${accepted} } }`,
  );
  const standing = (): Promise<unknown> =>
    operator.field<{ name: string; paused: { by: string } | null }[]>('{ schedules { name paused { by reason } } }');
  expect(await standing()).toContainEqual({ name: schedule.schedule, paused: { by: 'ann', reason: 'a look' } });
  await operator.field(`mutation { resumeSchedule(schedule: "rigMinute") { ${accepted} } }`);
  expect(await standing()).toContainEqual({ name: schedule.schedule, paused: null });
  const { asked } = await operator.field<{ asked: string }>(
    `mutation { backfill(view: "rigMinute", by: "ann", rest: "10ms", piece: "1h"
      from: "2026-01-01T00:00:00Z", to: "2026-01-01T02:00:00Z") { ${accepted} } }`,
  );
  expect(asked).toEqual(expect.any(String));
  const states = async (): Promise<string[]> => {
    const runs = await operator.field<{ trigger: string; state: string }[]>('{ runs(first: 20) { trigger state } }');
    return runs.filter(({ trigger }) => trigger === 'BACKFILL').map(({ state }) => state);
  };
  await expect.poll(states, { timeout: 60_000 }).toContain('SUCCEEDED');
  expect(await hours()).toHaveLength(2);
}, 180_000);

test('a release that is made live while nobody tells, is told once when somebody does', async () => {
  await running.kill('SIGKILL');
  const set = ['--where', 'temperature > 60', '--set', 'temperature = temperature - 20', '--reason', 'wrong scale'];
  const { plan: made } = await told<{ plan: Result }>('correct', 'replace', 'rig-readings', ...set);
  const applied = await told<Result>('apply', made.id, '--fingerprint', made.fingerprint);
  running = dev();
  url = await running.ready();
  await expect.poll(hours, { timeout: 60_000 }).toEqual([
    [60, 50.5],
    [60, 50.5],
  ]);
  const seen = await operator.changes('rigMinute', last, 2);
  expect(seen.map((each) => [minuteOf(each), each.id])).toEqual([
    [30, `${applied.release}:0`],
    [90, `${applied.release}:1`],
  ]);
  const whole = await operator.changes('rigMinute', '-1', Number(last) + 3);
  expect(new Set(whole.map(({ id }) => id)).size).toBe(whole.length);
}, 300_000);

test('without the token nothing of it can be seen or done, and the token is in no log line', async () => {
  for (const token of [null, 'token-of-somebody-else-altogether']) {
    const stranger = new OperatorClient(() => url, token);
    const queries = [
      'mutation { applyPlan(planId: "x", fingerprint: "y") { __typename } }',
      'mutation { replayDeadLetters(input: { stream: "rig-readings", reason: "r", author: "a" }) { __typename } }',
      '{ corrections { id } }',
      '{ deadLetter(stream: "rig-readings", partition: 0, offset: "0") { text } }',
      '{ redactionCertificate(correction: "x") { asked } }',
    ];
    for (const query of queries) expect((await stranger.ask(query)).errors?.[0]?.extensions.code).toBe('NOT_ALLOWED');
  }
  expect(running.stderr).not.toContain(TOKEN);
});
