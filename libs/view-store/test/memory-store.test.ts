import { createMemoryStore } from '@twofold/view-store';
import { bytesOf, speedRow, viewStoreContract } from '@twofold/view-store/testing';
import { expect, test } from 'vitest';

const countingIds = () => {
  let made = 0;
  return { next: () => `incarnation-${(made += 1)}` };
};

viewStoreContract('the store in memory', async ({ onConflict }) => {
  const store = createMemoryStore({ ids: countingIds(), onConflict });
  return {
    open: async () => store.open(),
    reopen: async () => store.open(),
    destroy: async () => store.destroy(),
    dispose: async () => {},
  };
});

test('E5: the store in memory throws WRITE_CONFLICT when nobody is there to be told of it', async () => {
  const store = createMemoryStore({ ids: countingIds() });
  await store.speedRows.write([speedRow()]);
  await expect(store.speedRows.write([speedRow({ bytes: bytesOf('other') })])).rejects.toMatchObject({
    code: 'WRITE_CONFLICT',
    retryable: false,
  });
});
