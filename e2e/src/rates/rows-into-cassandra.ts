import { systemClock, systemRng, ulidIds } from '@twofold/service';
import { openCassandraStore } from '@twofold/view-store-cassandra';
import { executeCql, PlainDriver } from '@twofold/view-store-cassandra/testing';
import type { Servers } from '../run-services.ts';
import type { Rate } from './rate.ts';
import { repeat } from './repeat.ts';

const ROW_BYTES = 8_192;
const ROWS_A_WRITE = 256;
const SECONDS = 8;
/** As many as the store puts into one request. */
const ROWS_A_REQUEST = 63;
/** As many requests as two flushes of the store make. */
const IN_FLIGHT = 10;
const WARM_SECONDS = 3;

/** Speed rows through the store, beside the driver's own prepared batches of the same bytes. */
export async function rowsIntoCassandra({ cassandra }: Servers): Promise<readonly Rate[]> {
  const keyspace = `rates_${process.pid}`;
  const settings = {
    contactPoints: [cassandra],
    localDataCenter: 'datacenter1',
    keyspace,
    replication: { datacenter1: 1 },
    requestTimeoutMs: 30_000,
  };
  const clock = systemClock();
  const store = await openCassandraStore({ settings, project: 'rates', clock, ids: ulidIds(clock, systemRng()) });
  try {
    const bytes = new Uint8Array(ROW_BYTES).map((_, i) => (i * 31) & 0xff);
    let round = 0;
    const write = async (): Promise<number> => {
      const appliedOffset = ++round;
      const place = { view: 'v', version: 1, partition: appliedOffset % 2, start: 0, end: 4_096, appliedOffset, bytes };
      await store.speedRows.write(Array.from({ length: ROWS_A_WRITE }, (_, bucket) => ({ ...place, bucket })));
      return ROWS_A_WRITE;
    };
    const what = `rows of ${ROW_BYTES} bytes into Cassandra`;
    await repeat({ inFlight: 2, seconds: WARM_SECONDS }, write);
    const ours = await repeat({ inFlight: 2, seconds: SECONDS }, write);
    const limit = await driverRate(settings, Buffer.from(bytes));
    const batches = `batches of ${ROWS_A_REQUEST} rows, ${IN_FLIGHT} in flight`;
    return [
      { what, program: `limit: the driver’s prepared ${batches}`, unit: 'rows', ...limit, remarks: '' },
      {
        what,
        program: 'the store’s speed rows',
        unit: 'rows',
        ...ours,
        remarks: `${ROWS_A_WRITE} a flush, two at once`,
      },
    ];
  } finally {
    await store.close();
    await executeCql(settings, `DROP KEYSPACE IF EXISTS ${keyspace}`);
  }
}

async function driverRate(settings: Parameters<typeof PlainDriver.open>[0], cell: Buffer): ReturnType<typeof repeat> {
  const driver = await PlainDriver.open(settings);
  try {
    await driver.makeTable();
    let block = 0;
    return await repeat({ inFlight: IN_FLIGHT, seconds: SECONDS }, async () => {
      await driver.insert(block++ % IN_FLIGHT, ROWS_A_REQUEST, cell);
      return ROWS_A_REQUEST;
    });
  } finally {
    await driver.close();
  }
}
