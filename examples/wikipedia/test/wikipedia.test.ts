import { classify, oracleAnswer, type ClassifiedRecord } from '@twofold/oracle';
import {
  channelHour,
  dataSets,
  edits,
  everyDay,
  extract,
  facts,
  full,
  fullIsThere,
  pageDay,
  queries,
  userSessions,
  wikipedia,
  type EditMessage,
} from '@twofold/wikipedia';
import { describe, expect, it } from 'vitest';

const day = { from: Date.UTC(2015, 8, 12), to: Date.UTC(2015, 8, 13) };

function logOf(messages: Iterable<EditMessage>): ClassifiedRecord[] {
  const records = [...messages].map(({ key, value }, offset) => ({
    partition: 0,
    offset,
    key,
    value,
    logTime: day.to,
  }));
  return classify(edits, records, [0]);
}

const sets = [
  { name: 'the extract', isThere: true, messages: extract },
  { name: "Druid's own file", isThere: fullIsThere(), messages: full },
];

describe('the project', () => {
  it('has one stream, four views and two data sets', () => {
    expect(wikipedia.streams).toEqual([edits]);
    expect(wikipedia.views).toEqual([channelHour, everyDay, pageDay, userSessions]);
    expect(dataSets.map(({ isThere }) => isThere())).toEqual([fullIsThere(), true]);
  });

  it('asks in its queries for what the views have', () => {
    for (const { text } of queries) {
      const view = wikipedia.views.find((one) => text.includes(`${one.name}(`));
      const known = view === undefined ? [] : [...view.dimensions, ...view.measures].map((one) => one.name);
      const asked = (/nodes \{([^}]*)\}/.exec(text)?.[1] ?? '').trim().split(/\s+/);
      for (const field of asked) expect([...known, 'windowStart', 'windowEnd', 'complete']).toContain(field);
    }
  });
});

describe.each(sets)('the day, from $name', ({ name, isThere, messages }) => {
  it('has the published and counted numbers, by the oracle', ({ skip }) => {
    if (!isThere) skip(`${name} is not in ../shared/data/wikipedia-edits`);
    const log = logOf(messages());
    const { counted, published } = facts;
    expect(log.filter((record) => record.class !== 'applied')).toEqual([]);
    expect(log).toHaveLength(published.rows);
    const sum = (rows: ReturnType<typeof oracleAnswer>, measure: string): number =>
      rows.reduce((total, { values }) => total + Number(values[measure]), 0);
    const hours = oracleAnswer(everyDay, log, { ...day, grainMs: 3_600_000 });
    expect(hours.map(({ values }) => Number(values['edits']))).toEqual(counted.edits_per_hour);
    expect(hours).toHaveLength(published.hours);
    expect(['added', 'deleted', 'change'].map((measure) => sum(hours, measure))).toEqual([
      counted.sum_added,
      counted.sum_deleted,
      counted.sum_delta,
    ]);
    const days = oracleAnswer(everyDay, log, { from: day.from, to: Infinity });
    expect(days.map(({ windowStart }) => new Date(windowStart).toISOString())).toEqual([
      '2015-09-11T07:00:00.000Z',
      '2015-09-12T07:00:00.000Z',
    ]);
    expect(sum(days, 'edits')).toBe(counted.rows);
    const pages = oracleAnswer(pageDay, log, day).map(
      ({ key, values }) => [String(key[0]), Number(values['edits'])] as const,
    );
    expect(pages).toHaveLength(counted.distinct_pages);
    const top = [...pages].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, published.top10.length);
    expect(top).toEqual([...published.top10].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
    const channels = new Map<string, number>();
    for (const { key, values } of oracleAnswer(channelHour, log, day))
      channels.set(String(key[0]), (channels.get(String(key[0])) ?? 0) + Number(values['edits']));
    expect([...channels].sort((a, b) => b[1] - a[1]).slice(0, 8)).toEqual(counted.top_channels);
    const sessions = oracleAnswer(userSessions, log, { from: day.from, to: Infinity });
    expect(sessions).toHaveLength(counted.user_sessions_gap_30min);
    expect(sum(sessions, 'edits')).toBe(counted.rows);
    expect(new Set(sessions.map(({ key }) => key[0])).size).toBe(counted.distinct_users);
  }, 300_000);
});
