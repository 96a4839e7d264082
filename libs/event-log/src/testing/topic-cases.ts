import { expect, it } from 'vitest';
import type { ContractContext } from './event-log-contract.ts';
import { readAll, record } from './read-records.ts';

export function topicCases(t: ContractContext): void {
  it('refuses a topic or partition that is not there, for appends and reads', async () => {
    await t.log.ensureTopic('a', { partitions: 2 });
    const unknownTopic = { code: 'UNKNOWN_TOPIC', facts: { topic: 'b' } };
    await expect(t.log.append('b', [record('k', 'v')])).rejects.toMatchObject(unknownTopic);
    await expect(t.log.partitions('b')).rejects.toMatchObject(unknownTopic);
    await expect(t.log.identity('b')).rejects.toMatchObject(unknownTopic);
    await expect(t.log.trim('b', 0, 1)).rejects.toMatchObject(unknownTopic);
    await expect(t.log.open('b', 0).read(0)).rejects.toMatchObject(unknownTopic);
    for (const partition of [2, -1]) {
      const unknownPartition = { code: 'UNKNOWN_PARTITION', facts: { topic: 'a', partition, partitions: 2 } };
      await expect(t.log.open('a', partition).read(0)).rejects.toMatchObject(unknownPartition);
      await expect(t.log.trim('a', partition, 1)).rejects.toMatchObject(unknownPartition);
    }
  });

  it.each(['', '.', '..', 'a/b', 'a b', 'ü', 'x'.repeat(201)])('refuses the topic name "%s"', async (name) => {
    await expect(t.log.ensureTopic(name, { partitions: 1 })).rejects.toMatchObject({ code: 'TOPIC_NAME_INVALID' });
  });

  it('ensures a topic as often as one likes, also concurrently', async () => {
    await Promise.all([1, 2, 3].map(() => t.log.ensureTopic('a', { partitions: 2 })));
    await t.log.append('a', [record('k', 'v')]);
    const identity = await t.log.identity('a');
    await t.log.ensureTopic('a', { partitions: 2 });
    expect(await t.log.identity('a')).toBe(identity);
    expect((await t.log.partitions('a')).reduce((sum, { end }) => sum + end, 0)).toBe(1);
  });

  it('lets partitions grow, keeping what is there, and never shrink', async () => {
    await t.log.ensureTopic('a', { partitions: 1 });
    await t.log.append('a', [record('k', 'before')]);
    await t.log.ensureTopic('a', { partitions: 3 });
    expect((await t.log.partitions('a')).map(({ end }) => end)).toEqual([1, 0, 0]);
    const { partitions } = await t.log.append(
      'a',
      Array.from({ length: 30 }, (_, i) => record(`k${i}`, 'after')),
    );
    expect(new Set(partitions)).toEqual(new Set([0, 1, 2]));
    expect((await readAll(t.log, 'a', 0, 0))[0]?.value).toBe('before');
    for (const wanted of [2, 0, 1.5]) {
      await expect(t.log.ensureTopic('a', { partitions: wanted })).rejects.toMatchObject({
        code: 'TOPIC_SETTINGS_DIFFER',
        facts: { present: 3, wanted },
      });
    }
    expect((await (await t.reopen()).partitions('a')).length).toBe(3);
  });

  it("keeps a topic's identity over reopening, and gives a recreated one another", async () => {
    await t.log.ensureTopic('a', { partitions: 2 });
    await t.log.ensureTopic('b', { partitions: 1 });
    await t.log.append('a', [record('k', 'v')]);
    const identity = await t.log.identity('a');
    expect(identity).not.toBe(await t.log.identity('b'));
    const reopened = await t.reopen();
    expect(await reopened.identity('a')).toBe(identity);
    const recreated = await t.recreate('a');
    expect(await recreated.identity('a')).not.toBe(identity);
    expect((await recreated.partitions('a')).map(({ start, end }) => [start, end])).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it('keeps topics apart', async () => {
    await t.log.ensureTopic('a', { partitions: 1 });
    await t.log.ensureTopic('b', { partitions: 1 });
    await Promise.all([t.log.append('a', [record('k', 'of a')]), t.log.append('b', [record('k', 'of b')])]);
    expect(await readAll(t.log, 'a', 0, 0)).toMatchObject([{ offset: 0, value: 'of a' }]);
    expect(await readAll(t.log, 'b', 0, 0)).toMatchObject([{ offset: 0, value: 'of b' }]);
  });
}
