import { Prng } from '@twofold/event-generator';
import { systemClock, systemRng, ulidIds } from '@twofold/service';
import { freePort } from '@twofold/service/testing';
import { openCassandraStore } from '@twofold/view-store-cassandra';
import { OwnServer, removeWhenEnded } from '../run-services.ts';
import { sleep } from '../until.ts';

type ViewStore = Awaited<ReturnType<typeof openCassandraStore>>;
type SpeedRow = Parameters<ViewStore['speedRows']['write']>[0][number];

export type CommitLog = 'batch' | 'periodic';

export interface LostWritesTask {
  readonly commitLog: CommitLog;
  readonly kills: number;
  /** Of the first kill; each further one has the next, so a series goes on where it was ended. */
  readonly seed: number;
  readonly say: (line: string) => void;
}

export interface LostWrites {
  readonly commitLog: CommitLog;
  readonly seed: number;
  readonly kills: number;
  /** Rows that the node acknowledged before it was killed. */
  readonly acknowledged: number;
  /** Those of them that were not there afterwards, or not as they were written. */
  readonly lost: number;
}

/** Writers at once; each writes a partition of its own, so that no write stands for another. */
const WRITERS = 8;
const ROWS_A_WRITE = 16;
const ROW_BYTES = 2_048;
/** A kill comes so long after every writer was acknowledged once, at most. */
const UNTIL_KILL_MS = 2_000;
const HEAP_MB = '512';

/**
 * Kills a Cassandra node of its own with kill -9 while it is written to, starts it again, and reads back everything that
 * it had acknowledged (E5's precondition).
 */
export async function countLostWrites({ commitLog, kills, seed, say }: LostWritesTask): Promise<LostWrites> {
  const flags = ['--cassandra-commitlog', commitLog, '--cassandra-heap', HEAP_MB];
  const server = new OwnServer('cassandra', await freePort(), flags);
  removeWhenEnded(() => server.remove());
  let [acknowledged, lost] = [0, 0];
  try {
    say(`Cassandra (commit log ${commitLog}) is healthy after ${seconds(await server.up())} s`);
    for (let kill = 0; kill < kills; kill++) {
      const found = await killOnce(server, seed + kill, kill);
      acknowledged += found.acknowledged;
      lost += found.lost;
      say(
        `kill ${kill + 1} (seed ${seed + kill}): ${found.acknowledged} rows acknowledged before it, healthy again after ` +
          `${seconds(found.upMs)} s, ${found.lost} lost`,
      );
    }
  } finally {
    await server.remove();
  }
  return { commitLog, seed, kills, acknowledged, lost };
}

/** @param version of the view that this kill's rows are of: no two kills share rows */
async function killOnce(
  server: OwnServer,
  seed: number,
  version: number,
): Promise<{ acknowledged: number; lost: number; upMs: number }> {
  const random = new Prng(seed);
  const store = await openStore(server);
  const writers = Array.from({ length: WRITERS }, (_, partition) => new Writer(store, version, partition));
  const writing = Promise.all(writers.map((writer) => writer.run()));
  while (writers.some((writer) => writer.acknowledged === 0)) await sleep(10);
  await sleep(UNTIL_KILL_MS * random.next());
  await server.killNine();
  for (const writer of writers) writer.stop();
  await writing;
  await store.close();
  const upMs = await server.up();
  const again = await openStore(server);
  let lost = 0;
  for (const writer of writers) lost += await writer.missing(again);
  await again.close();
  return { acknowledged: writers.reduce((sum, writer) => sum + writer.acknowledged * ROWS_A_WRITE, 0), lost, upMs };
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(1);

function openStore(server: OwnServer): Promise<ViewStore> {
  const settings = {
    contactPoints: [server.address],
    localDataCenter: 'datacenter1',
    keyspace: 'lost_writes',
    replication: { datacenter1: 1 },
  };
  const clock = systemClock();
  return openCassandraStore({ settings, project: 'p', clock, ids: ulidIds(clock, systemRng()) });
}

/** Writes one slice after the other of a partition, and remembers which were acknowledged. */
class Writer {
  readonly #store: ViewStore;
  readonly #version: number;
  readonly #partition: number;
  #stopped = false;
  /** Slices that were acknowledged, from the first on. */
  acknowledged = 0;

  constructor(store: ViewStore, version: number, partition: number) {
    this.#store = store;
    this.#version = version;
    this.#partition = partition;
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Ends with the first write that fails: whether that one is there nobody says. */
  async run(): Promise<void> {
    while (!this.#stopped)
      try {
        await this.#store.speedRows.write(this.#rows(this.acknowledged));
        this.acknowledged++;
      } catch {
        return;
      }
  }

  async missing(store: ViewStore): Promise<number> {
    const { view, version, partition } = this.#place;
    const everything = { view, version, partition, buckets: null, startFrom: 0, startBelow: Infinity };
    const rows = await store.speedRows.read(everything);
    const found = new Map(rows.map((row) => [`${row.start} ${row.bucket}`, Buffer.from(row.bytes)]));
    let missing = 0;
    for (let slice = 0; slice < this.acknowledged; slice++)
      for (const { start, bucket, bytes } of this.#rows(slice))
        if (found.get(`${start} ${bucket}`)?.equals(bytes) !== true) missing++;
    return missing;
  }

  get #place(): Pick<SpeedRow, 'view' | 'version' | 'partition'> {
    return { view: 'v', version: this.#version, partition: this.#partition };
  }

  #rows(slice: number): SpeedRow[] {
    const place = { ...this.#place, start: slice, end: slice + 1, appliedOffset: slice + 1 };
    return Array.from({ length: ROWS_A_WRITE }, (_, bucket) => {
      const bytes = new Uint8Array(ROW_BYTES).fill((slice * 31 + bucket * 7 + this.#partition) & 0xff);
      return { ...place, bucket, bytes };
    });
  }
}
