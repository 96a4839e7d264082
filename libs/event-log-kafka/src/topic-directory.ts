import { LogError, unknownPartition, unknownTopic } from '@twofold/event-log';
import type { Clock } from '@twofold/service';
import type { BrokerLinks } from './broker-links.ts';
import { deleteApi, deleteRequest, deleteResponse } from './delete-request.ts';
import { isMoving, isRetryable, protocolError, refusedByBroker } from './kafka-failures.ts';
import {
  type PartitionPlace,
  type TopicPlace,
  metadataApi,
  metadataRequest,
  metadataResponse,
} from './metadata-request.ts';
import { earliest, latest, offsetsApi, offsetsRequest, offsetsResponse } from './offsets-request.ts';

/** A partition that has a leader. */
export interface LedPartition {
  readonly topicId: string;
  readonly place: PartitionPlace & { readonly leader: NonNullable<PartitionPlace['leader']> };
}

export interface DirectoryParts {
  readonly links: BrokerLinks;
  readonly clock: Clock;
  /** Before the names that callers use. */
  readonly prefix: string;
  readonly patienceMs: number;
}

/** While a topic is made, or a leader chosen, metadata says so; then it is asked again after so long. */
const retryMs = 100;

/** Where topics and their partitions are. Kept until somebody finds that it is no longer so. */
export class TopicDirectory {
  readonly #parts: DirectoryParts;
  readonly #known = new Map<string, Promise<TopicPlace>>();
  /** What was last learned, by Kafka's name of the topic. */
  readonly #learned = new Map<string, TopicPlace>();

  constructor(parts: DirectoryParts) {
    this.#parts = parts;
  }

  nameOf(topic: string): string {
    return `${this.#parts.prefix}${topic}`;
  }

  /** @throws UNKNOWN_TOPIC */
  async topic(topic: string): Promise<TopicPlace> {
    const place = await (this.#known.get(topic) ?? this.refresh(topic));
    if (place.error === protocolError.unknownTopicOrPartition) {
      this.#known.delete(topic);
      throw unknownTopic(topic);
    }
    return place;
  }

  /** Null when there is no such topic. */
  async find(topic: string): Promise<TopicPlace | null> {
    const place = await this.refresh(topic);
    return place.error === protocolError.unknownTopicOrPartition ? null : place;
  }

  /** Asks a broker anew. */
  refresh(topic: string): Promise<TopicPlace> {
    const asked = this.#ask(topic);
    this.#known.set(topic, asked);
    asked.catch(() => {
      if (this.#known.get(topic) === asked) this.#known.delete(topic);
    });
    return asked;
  }

  /** Where the partition was led when that was last looked at; by Kafka's name of the topic. */
  lastLeader(name: string, partition: number): string {
    const leader = this.#learned.get(name)?.partitions[partition]?.leader;
    return leader === undefined || leader === null ? '' : `${leader.host}:${leader.port}`;
  }

  forget(topic: string): void {
    this.#known.delete(topic);
  }

  /** @throws UNKNOWN_TOPIC, UNKNOWN_PARTITION; LOG_IO, to be tried again, while the partition has no leader */
  async partition(topic: string, partition: number): Promise<LedPartition> {
    const known = await this.topic(topic);
    const { id, partitions } = known.partitions[partition] === undefined ? await this.#again(topic) : known;
    const place = partitions[partition];
    if (place === undefined) throw unknownPartition(topic, partition, partitions.length);
    if (place.leader === null) {
      this.forget(topic);
      throw new LogError('LOG_IO', `topic "${topic}", partition ${partition} has no leader`, { retryable: true });
    }
    return { topicId: id, place: { ...place, leader: place.leader } };
  }

  /** A partition that was not there may have been added since. */
  async #again(topic: string): Promise<TopicPlace> {
    this.forget(topic);
    return this.topic(topic);
  }

  /** First and end offset of the partitions, each asked of its leader. Tries again while they are being moved. */
  async ranges(topic: string, partitions: readonly number[]): Promise<{ start: number; end: number }[]> {
    const { clock, patienceMs } = this.#parts;
    for (const until = clock.monotonic() + patienceMs; ;) {
      try {
        return await this.#rangesNow(topic, partitions);
      } catch (error) {
        if (!isRetryable(error) || clock.monotonic() > until) throw error;
        this.forget(topic);
        await clock.sleep(retryMs);
      }
    }
  }

  /** Lets go of the partition's records below the offset, which lies in its range. */
  async deleteBelow(topic: string, partition: number, offset: number): Promise<void> {
    const { place } = await this.partition(topic, partition);
    const body = deleteRequest(this.nameOf(topic), partition, offset, this.#parts.patienceMs);
    const error = deleteResponse(await this.#parts.links.request(place.leader, deleteApi, body));
    if (error === protocolError.none) return;
    this.forget(topic);
    const what = `trimming topic "${topic}", partition ${partition}`;
    if (isMoving(error)) throw new LogError('LOG_IO', `${what}: the partition is moving`, { retryable: true });
    throw refusedByBroker(what, error);
  }

  async #rangesNow(topic: string, partitions: readonly number[]): Promise<{ start: number; end: number }[]> {
    const groups = new Map<string, { leader: LedPartition['place']['leader']; partitions: number[] }>();
    for (const number of partitions) {
      const { leader } = (await this.partition(topic, number)).place;
      const key = `${leader.host}:${leader.port}`;
      const group = groups.get(key) ?? { leader, partitions: [] };
      group.partitions.push(number);
      groups.set(key, group);
    }
    const found = new Map<number, { start: number; end: number }>();
    for (const { leader, partitions: mine } of groups.values()) {
      // The end first: it only rises, so a start that rises meanwhile can not pass it unseen.
      const ends = await this.#offsets(topic, leader, mine, latest);
      const starts = await this.#offsets(topic, leader, mine, earliest);
      for (const number of mine) {
        const start = starts.get(number) ?? 0;
        found.set(number, { start, end: Math.max(start, ends.get(number) ?? 0) });
      }
    }
    return partitions.map((number) => found.get(number) ?? { start: 0, end: 0 });
  }

  async #offsets(
    topic: string,
    leader: LedPartition['place']['leader'],
    partitions: readonly number[],
    time: number,
  ): Promise<Map<number, number>> {
    const body = offsetsRequest(this.nameOf(topic), partitions, time);
    const answers = offsetsResponse(await this.#parts.links.request(leader, offsetsApi, body));
    const refused = answers.find(({ error }) => error !== protocolError.none);
    if (refused !== undefined) {
      this.forget(topic);
      const what = `the offsets of topic "${topic}", partition ${refused.partition}`;
      if (refused.error === protocolError.unknownTopicOrPartition || isMoving(refused.error)) {
        throw new LogError('LOG_IO', `${what}: the partition is moving`, { retryable: true });
      }
      throw refusedByBroker(what, refused.error);
    }
    return new Map(answers.map(({ partition, offset }) => [partition, offset]));
  }

  /** Asks until there is an answer that says more than that there soon will be one, or patience is over. */
  async #ask(topic: string): Promise<TopicPlace> {
    const { clock, patienceMs } = this.#parts;
    for (const until = clock.monotonic() + patienceMs; ; await clock.sleep(retryMs)) {
      const impatient = clock.monotonic() > until;
      try {
        const place = await this.#askOnce(topic);
        const { error } = place;
        if (error === protocolError.none || error === protocolError.unknownTopicOrPartition) return place;
        if (!isMoving(error) || impatient) throw refusedByBroker(`looking for topic "${topic}"`, error);
      } catch (error) {
        if (!isRetryable(error) || impatient) throw error;
      }
    }
  }

  async #askOnce(topic: string): Promise<TopicPlace> {
    const name = this.nameOf(topic);
    const place = metadataResponse(await this.#parts.links.request(null, metadataApi, metadataRequest(name)));
    this.#learned.set(name, place);
    return place;
  }
}
