import type { Stream } from '@twofold/schemas';
import { createMemoryStore } from '@twofold/view-store';
import type { View } from '@twofold/views';
import { printSchema } from 'graphql';
import { ByteCache } from './byte-cache.ts';
import { createSchema } from './create-schema.ts';
import { CursorCodec } from './cursor.ts';
import { PinnedPanes } from './pinned-panes.ts';
import { PresentedCache } from './presented-cache.ts';
import { BatchReader } from './read-batch.ts';

/** The GraphQL schema definition of an API that serves these views. Nothing is asked of it. Throws SCHEMA_CLASH. */
export function schemaText(views: readonly View[], streams: readonly Stream[]): string {
  const store = createMemoryStore({ ids: { next: () => '' } });
  const clock = { now: () => 0 };
  const cache = new ByteCache(0);
  const ports = { store, batch: new BatchReader(store, cache), cache, presented: new PresentedCache(0) };
  const pinned = new PinnedPanes(clock);
  return printSchema(
    createSchema({
      views,
      streams,
      store,
      ports,
      clock,
      cursors: new CursorCodec('of no request'),
      pinned,
      maxRows: 1,
    }),
  );
}
