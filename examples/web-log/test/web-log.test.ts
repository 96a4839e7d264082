import { classify, oracleAnswer, type ClassifiedRecord, type OracleRow } from '@twofold/oracle';
import {
  clientHour,
  dataSets,
  facts,
  history,
  logLines,
  queries,
  requests,
  statusHour,
  tenSeconds,
  webLog,
} from '@twofold/web-log';
import { beforeAll, describe, expect, it } from 'vitest';

const year = { from: Date.UTC(2015, 0, 1), to: Date.UTC(2016, 0, 1) };
let log: ClassifiedRecord[] = [];

beforeAll(() => {
  const records = [...history()].map(({ key, value }, offset) => ({
    partition: 0,
    offset,
    key,
    value,
    logTime: year.to,
  }));
  log = classify(requests, records, [0]);
});

const sum = (rows: readonly OracleRow[], measure: string): number =>
  rows.reduce((total, { values }) => total + Number(values[measure]), 0);

describe('the project', () => {
  it('has one stream, three views and one data set', () => {
    expect(webLog.id).toBe('web-log');
    expect(webLog.streams).toEqual([requests]);
    expect(webLog.views).toEqual([statusHour, clientHour, tenSeconds]);
    expect(dataSets.map(({ isThere }) => isThere())).toEqual([true]);
  });

  it('asks in its queries for what the views have', () => {
    for (const { name, text, variables } of queries) {
      expect(text).toMatch(new RegExp(`^query ${name}\\(`));
      for (const variable of Object.keys(variables)) expect(text).toContain(`$${variable}`);
      const view = webLog.views.find((one) => text.includes(`${one.name}(`));
      const known = view === undefined ? [] : [...view.dimensions, ...view.measures].map((one) => one.name);
      const asked = (/nodes \{([^}]*)\}/.exec(text)?.[1] ?? '').trim().split(/\s+/);
      for (const field of asked) expect([...known, 'windowStart', 'windowEnd', 'complete']).toContain(field);
    }
  });
});

describe('the access log', () => {
  it('is accepted whole, with the published number of lines, clients and bytes', () => {
    expect(log.filter((record) => record.class !== 'applied')).toEqual([]);
    const lines = logLines();
    expect(lines).toHaveLength(facts.lines);
    expect(new Set(lines.map(({ client }) => client)).size).toBe(facts.clients);
    expect(lines.reduce((total, { bytes }) => total + (bytes ?? 0), 0)).toBe(facts.bytes);
  });

  it('is out of order as published: nearly every line is behind the latest, by less than a minute', () => {
    const times = logLines().map(({ time }) => time);
    expect(times[0]).toBe(facts.first);
    expect([Math.min(...times), Math.max(...times)]).toEqual([facts.min, facts.max]);
    let latest = -Infinity;
    const behind = times.map((time) => {
      latest = Math.max(latest, time);
      return latest - time;
    });
    expect(behind.filter((seconds) => seconds > 0)).toHaveLength(facts.behindTheLatest);
    expect(Math.max(...behind)).toBe(facts.mostSecondsBehind);
  });

  it('would lose thousands of lines to windows that close: by watermark and grace as published', () => {
    for (const [rule, lost] of Object.entries(facts.droppedElsewhere)) {
      const [size = 0, grace = 0] = (rule.match(/\d+/g) ?? []).map(Number);
      let latest = -Infinity;
      let dropped = 0;
      for (const { time } of logLines()) {
        latest = Math.max(latest, time);
        if (Math.floor(time / size) * size + size + grace <= latest) dropped++;
      }
      expect([rule, dropped]).toEqual([rule, lost]);
    }
  });

  it('loses no line here: windows of ten seconds hold all of them', () => {
    expect(sum(oracleAnswer(tenSeconds, log, year), 'requests')).toBe(facts.lines);
    expect(sum(oracleAnswer(tenSeconds, log, year), 'bytes')).toBe(facts.bytes);
  });

  it('has the published number of responses by status', () => {
    const byStatus: Record<string, number> = {};
    for (const { key, values } of oracleAnswer(statusHour, log, year))
      byStatus[String(key[0])] = (byStatus[String(key[0])] ?? 0) + Number(values['requests']);
    expect(byStatus).toEqual(facts.status);
  });

  it('has the published busiest clients', () => {
    const byClient = new Map<string, number>();
    for (const { key, values } of oracleAnswer(clientHour, log, year))
      byClient.set(String(key[0]), (byClient.get(String(key[0])) ?? 0) + Number(values['requests']));
    const busiest = [...byClient].sort((a, b) => b[1] - a[1]).slice(0, 3);
    expect(busiest).toEqual(facts.topClients);
  });
});
