import { decimal, instant, stream, text } from '@twofold/schemas';
import { describe, expect, test } from 'vitest';
import { measureValue } from '../src/declare-derived.ts';
import { avg, count, gate, max, project, tumbling, view, ViewError, type GateDeclaration } from '../src/index.ts';

const readings = stream('readings', {
  fields: { sensor: text(), at: instant('ms'), heat: decimal(1) },
  id: ['sensor', 'at'],
  eventTime: 'at',
  partitionKey: 'sensor',
});
const perSensor = view('perSensor', {
  from: readings,
  version: 1,
  dimensions: (e) => ({ sensor: e.sensor }),
  window: tumbling('1m'),
  measures: (e) => ({ readings: count(), heat: avg(e.heat), hottest: max(e.heat) }),
  levels: { '1m': 'forever' },
  serve: [{ key: ['sensor'] }],
});

const measured = measureValue('heat');

function refused(name: string, declaration: Partial<GateDeclaration<Readonly<Record<string, unknown>>>>): string {
  try {
    gate<Readonly<Record<string, unknown>>>(name, { on: perSensor, ...declaration });
  } catch (error) {
    if (error instanceof ViewError) return error.message;
    throw error;
  }
  return 'nothing';
}

describe('a gate', () => {
  test('is plain data: limits, and an audit over the view’s measures', () => {
    expect(gate('steady', { on: perSensor, measure: 'heat', maxChange: 0.2, severity: 'warn' })).toEqual({
      ...{ name: 'steady', severity: 'warn', view: 'perSensor', measure: 'heat', maxRelativeChange: 0.2 },
      ...{ maxRows: null, holds: null },
    });
    const audit = gate('plausible', {
      on: perSensor,
      holds: (row) => row.hottest.atMost(200).and(row.heat.atLeast(-40)),
    });
    expect(audit).toMatchObject({ severity: 'block', holds: { op: 'and' } });
    expect(JSON.parse(JSON.stringify(audit))).toEqual(audit);
  });

  test('with faults is refused with every one of them', () => {
    expect(refused('Steady now', { maxChange: -1, maxRows: 1.5, measure: 'cold' })).toMatch(
      /no name[^]*no measure 'cold'[^]*-1 is no share[^]*1.5 is not a whole number/,
    );
    expect(refused('empty', {})).toMatch(/asks for nothing/);
    expect(refused('other', { holds: (row) => row['cold']?.atMost(1) ?? measured.isNull() })).toMatch(
      /no measure 'cold'/,
    );
  });

  test('belongs to a view of its project, and is called once', () => {
    const steady = gate('steady', { on: perSensor, maxRows: 1 });
    expect(project('p', { streams: [readings], views: [perSensor], gates: [steady] }).gates).toEqual([steady]);
    expect(project('p', { streams: [readings], views: [] })).toMatchObject({ gates: [], restatements: 'all' });
    expect(() => project('p', { streams: [readings], views: [], gates: [steady] })).toThrow(/of the view 'perSensor'/);
    expect(() => project('p', { streams: [readings], views: [perSensor], gates: [steady, steady] })).toThrow(
      /called like/,
    );
  });
});
