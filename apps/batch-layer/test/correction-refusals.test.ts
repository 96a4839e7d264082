import type { CorrectionKind } from '@twofold/corrections';
import { TwofoldError } from '@twofold/schemas';
import { noLimit } from '@twofold/views';
import { describe, expect, test } from 'vitest';
import type { CorrectionRequest } from '../src/corrections/correction-request.ts';
import { rollBackTo } from '../src/corrections/roll-back.ts';
import { start, request, where, correct, refusalOf, S1_IN_MINUTES_10_TO_20, text } from './correcting.ts';
import { control, events, never, perSensor, project, readings, START, TOPIC } from './sample.ts';

describe('refused, with nothing changed', () => {
  test('E20: what matches nothing, everything, or more than is said to be meant', async () => {
    const { world, layer } = await start(120);
    const before = await control(world.store);
    const plan = (asked: CorrectionRequest): Promise<string> => refusalOf(layer.corrections.plan(asked, never));
    expect(await plan(request('retract', where("sensor = 'none'")))).toBe('NOTHING_MATCHES');
    expect(await plan(request('retract', where("sensor != 'none'")))).toBe('EVERYTHING_MATCHES');
    expect(await plan(request('retract', where("sensor != 'none'"), { everything: true }))).toBe('null');
    expect(await plan(request('retract', {}))).toBe('CORRECTION_INVALID');
    expect(await plan(request('redact', where("sensor = 's1'")))).toBe('CORRECTION_INVALID');
    expect(await plan(request('add', where("sensor = 's1'")))).toBe('CORRECTION_INVALID');
    expect(await plan(request('retract', where("sensor = 's1'"), { reason: ' ' }))).toBe('CORRECTION_INVALID');
    expect(await plan(request('retract', where("sensor = 's1'"), { stream: 'other' }))).toBe('CORRECTION_INVALID');
    expect(await control(world.store)).toEqual(before);
    expect(await world.archive.corrections(readings.name).list()).toEqual([]);
  });

  test('rows that break the schema, repeat an id, or replace nothing', async () => {
    const { layer } = await start(120);
    const told = async (kind: CorrectionKind, given: string): Promise<string> => {
      const asked = request(kind, {}, { rows: text.encode(given) });
      const error: unknown = await layer.corrections.plan(asked, never).catch((thrown: unknown) => thrown);
      return error instanceof TwofoldError ? `${error.code} ${error.message}` : String(error);
    };
    const good = '{"sensor":"s1","at":"2026-01-01T00:00:00.500Z","value":1}';
    expect(await told('add', `${good}\n{"sensor":"s1","at":"2026-01-01T00:00:01Z","value":5000}`)).toMatch(
      /ROWS_INVALID .*line 2: OUT_OF_RANGE value: 'value' is "5000", outside of -1000.00 to 1000.00\. Nothing was changed\.$/,
    );
    expect(await told('add', `${good}\n\n${good}`)).toMatch(/ROWS_INVALID .*line 3 has the id .* of line 1/);
    expect(await told('add', 'no event')).toMatch(/line 1: INVALID_JSON/);
    expect(await told('add', ' \n')).toMatch(/there is no row/);
    expect(await told('replace', good)).toMatch(/ROWS_INVALID .*1 of the rows replace nothing/);
  });

  test('E20: another fingerprint, a base that moved, and a key that is another correction’s (PlanChanged)', async () => {
    const { world, layer } = await start(200);
    const plan = await layer.corrections.plan(request('retract', S1_IN_MINUTES_10_TO_20), never);
    const apply = (id: string, fingerprint: string): Promise<string> =>
      refusalOf(layer.corrections.apply(id, { fingerprint, gates: [], preview: false }, never));
    expect(await apply(plan.id, 'another')).toBe('PLAN_CHANGED');
    expect(await apply('01NONE', plan.fingerprint)).toBe('PLAN_UNKNOWN');
    const other = await correct(layer, request('retract', where("sensor = 's2' and value > 9")));
    const live = await control(world.store);
    expect(await apply(plan.id, plan.fingerprint)).toBe('PLAN_CHANGED');
    expect((await control(world.store)).live).toBe(live.live);
    const key = other.plan.idempotencyKey;
    const same = layer.corrections.plan(
      request('retract', where("sensor = 's3' and value > 9"), { idempotencyKey: key }),
      never,
    );
    await expect(same).rejects.toMatchObject({ code: 'KEY_USED', facts: { correction: other.result.correction } });
    // The same plan once more is done already, and makes nothing new.
    const options = { fingerprint: other.plan.fingerprint, gates: [], preview: false };
    expect(await layer.corrections.apply(other.plan.id, options, never)).toMatchObject({
      correction: other.result.correction,
      release: null,
      alreadyInForce: true,
    });
    expect((await control(world.store)).live).toBe(live.live);
  });

  test('a rollback to what is not kept, or to what is live', async () => {
    const { world, layer } = await start(60);
    const back = (release: string): Promise<string> =>
      refusalOf(rollBackTo({ release, views: null }, project(), world.ports, never));
    const { live } = await control(world.store);
    expect(await back('99')).toBe('ROLLBACK_REFUSED');
    expect(await back(live)).toBe('ROLLBACK_REFUSED');
    for (let i = 0; i < 7; i++) {
      await world.log.append(TOPIC, events(20, 20 + i, START + i * 1_000_000));
      await layer.recompute([perSensor], never);
    }
    expect(await back('1')).toBe('ROLLBACK_REFUSED');
  });

  test('a change beyond a gate that blocks; the difference is kept, and a preview promotes nothing', async () => {
    const { world, layer } = await start(300);
    const plan = await layer.corrections.plan(request('retract', S1_IN_MINUTES_10_TO_20), never);
    const { live } = await control(world.store);
    const gate = { ...noLimit, name: 'few rows', maxRows: 3 };
    const { fingerprint } = plan;
    const blocks = { fingerprint, gates: [{ ...gate, severity: 'block' as const }], preview: false };
    expect(await refusalOf(layer.corrections.apply(plan.id, blocks, never))).toBe('GATE_BLOCKED');
    const looked = await layer.corrections.apply(plan.id, { ...blocks, preview: true }, never);
    expect(looked).toMatchObject({ release: null, diff: { release: null } });
    expect(looked.diff?.gates).toMatchObject([{ passed: false, severity: 'block' }]);
    const row = await control(world.store);
    expect([row.live, row.candidates]).toEqual([live, []]);
    const warns = { fingerprint, gates: [{ ...gate, severity: 'warn' as const }], preview: false };
    const applied = await layer.corrections.apply(plan.id, warns, never);
    expect(applied.release).not.toBeNull();
    expect(applied.diff?.gates).toMatchObject([{ passed: false, severity: 'warn' }]);
  });
});
