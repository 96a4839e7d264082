import { BatchWalker, type WalkPlace } from './batch-walker.ts';
import type { BrokerLinks } from './broker-links.ts';
import { fetchApi, fetchRequest, fetchResponse } from './fetch-request.ts';
import type { PartitionFetcher } from './partition-fetcher.ts';

/** Takes the response's bytes themselves and decodes the record batches in place. */
export function createFastFetcher(links: BrokerLinks, place: WalkPlace, maxBatchBytes: number): PartitionFetcher {
  const walker = new BatchWalker(place, maxBatchBytes);
  return {
    rows: walker.rows,
    fetch: async ({ at, partition, from, lastTerm, maxBytes, waitMs }) => {
      const { leader, leaderTerm } = at.place;
      const body = fetchRequest({
        ...{ topicId: at.topicId, partition, from, leaderTerm, lastTerm, maxBytes },
        ...{ minBytes: 1, waitMs },
      });
      const response = fetchResponse(await links.request(leader, fetchApi, body));
      return {
        error: response.error,
        divergesAt: response.divergesAt,
        decode: () => ({
          ...walker.walk(response.buffer, response, from, response.aborted),
          hadBytes: response.end > response.start,
        }),
      };
    },
  };
}
