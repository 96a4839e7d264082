/** A child process for kill.test.ts: archives and compacts without end, until it is killed. */
import { archivedEnd, planCompaction } from '@twofold/archive';
import { createParquetArchive } from '@twofold/archive-parquet';
import { countingIds, machineStream, makeRows, writeFile } from '@twofold/archive/testing';

const [directory = '', run = ''] = process.argv.slice(2);
const archive = createParquetArchive({ directory, ids: countingIds(`K${run}x`) });

for (;;) {
  let state = await archive.head(machineStream.name);
  const from = archivedEnd(state, 0);
  const file = await writeFile(archive, makeRows(from, 0, from, 30));
  state = (await archive.commit(state, { add: [file], origins: [0] })) ?? state;
  const [group] = planCompaction(state, { maxRecords: 5000, maxBytes: 1e9, minFiles: 6 });
  if (group !== undefined) {
    const merged = await archive.compact(machineStream, group);
    await archive.commit(state, { add: [merged], remove: group.map(({ name }) => name) });
  }
  // Acknowledged: whatever happens from here on, these positions are archived.
  process.stdout.write(`${archivedEnd(state, 0)}\n`);
}
