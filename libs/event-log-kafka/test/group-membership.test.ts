import { describe, expect, it } from 'vitest';
import { type AssignedPartition, type GroupMembership, joinGroup } from '@twofold/event-log-kafka';
import { record } from '@twofold/event-log/testing';
import { brokers, freshPrefix, makeKafkaLog } from './test-log.ts';

describe.skipIf(brokers === null)('membership of a group', () => {
  const connection = { brokers: brokers ?? [], sessionTimeoutMs: 6_000, heartbeatMs: 500 };

  /** Keeps the latest assignment of a member, and lets a test wait for one. */
  function watch(member: GroupMembership): {
    until(holds: (mine: readonly AssignedPartition[]) => boolean): Promise<void>;
  } {
    let mine: readonly AssignedPartition[] = [];
    const waiting: { holds: (mine: readonly AssignedPartition[]) => boolean; resolve: () => void }[] = [];
    const check = (): void => {
      for (const { holds, resolve } of waiting) if (holds(mine)) resolve();
    };
    void (async () => {
      for await (const assignment of member.assignments()) {
        mine = assignment;
        check();
      }
    })();
    return {
      until: async (holds) =>
        new Promise((resolve) => {
          waiting.push({ holds, resolve });
          check();
        }),
    };
  }

  it('gives one member all partitions, two members halves, and all again to the one that stays', async () => {
    const topicPrefix = freshPrefix();
    const log = makeKafkaLog({ topicPrefix });
    await log.ensureTopic('a', { partitions: 4 });
    const group = { ...connection, groupId: `${topicPrefix}group`, topics: ['a'], topicPrefix };
    const first = await joinGroup(group);
    const ofFirst = watch(first);
    await ofFirst.until((mine) => mine.length === 4 && mine.every(({ topic }) => topic === 'a'));
    const second = await joinGroup(group);
    const ofSecond = watch(second);
    const found: number[][] = [];
    await Promise.all(
      [ofFirst, ofSecond].map(async (member) =>
        member.until((mine) => {
          if (mine.length !== 2) return false;
          found.push(mine.map(({ partition }) => partition));
          return true;
        }),
      ),
    );
    expect(new Set(found.flat())).toEqual(new Set([0, 1, 2, 3]));
    await first.leave();
    await ofSecond.until((mine) => mine.length === 4);
    await second.leave();
    await log.close();
  });

  it('takes positions as hints that nobody reads by', async () => {
    const topicPrefix = freshPrefix();
    const log = makeKafkaLog({ topicPrefix });
    await log.ensureTopic('a', { partitions: 1 });
    await log.append('a', [record('k', '1'), record('k', '2')]);
    const member = await joinGroup({ ...connection, groupId: `${topicPrefix}group`, topics: ['a'], topicPrefix });
    await watch(member).until((mine) => mine.length === 1);
    await member.hint([{ topic: 'a', partition: 0, offset: 2 }]);
    await member.hint([{ topic: 'not there', partition: 9, offset: 2 }]);
    expect((await log.open('a', 0).read(0)).count).toBe(2);
    await member.leave();
    await log.close();
  });

  it('refuses to join where no broker is', async () => {
    const nowhere = { brokers: ['127.0.0.1:1'], connectTimeoutMs: 200, groupId: 'g', topics: ['a'] };
    await expect(joinGroup(nowhere)).rejects.toMatchObject({ code: 'LOG_IO' });
  });
});
