import path from 'node:path';
import { SparkHost } from '@twofold/batch-engine-spark';
import { systemClock } from '@twofold/service';
import { spark } from './find-spark.ts';

/** Starts a driver on an endless job, prints the driver's process id, and waits to be killed. */
if (spark === null) throw new TypeError('there is no Spark here');
const [folder = ''] = process.argv.slice(2);
const common = { master: null, threads: 1, memoryLimitBytes: 1 << 30, clock: systemClock() };
const host = new SparkHost({ ...common, ...spark, workDirectory: folder });
const { driver } = host.running();
const facts = { what: 'the test', files: [], sources: [] };
await driver.run({ job: 1, sql: 'SELECT 1 AS c0', into: path.join(folder, 'first'), ...facts });
const sql = 'SELECT sum(id % 7) AS c0 FROM range(1000000000000)';
const endless = driver.run({ job: 2, sql, into: path.join(folder, 'second'), ...facts });
setTimeout(() => {
  process.stdout.write(String(driver.pid));
}, 2_000);
await endless;
