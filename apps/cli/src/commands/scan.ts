import path from 'node:path';
import { tablesHolding } from '@twofold/view-store-cassandra';
import { openToLook, type Look } from '../look.ts';
import { CliError } from '../errors.ts';
import { EXIT, print } from '../output.ts';
import { scanFiles } from '../scan-files.ts';
import { scanStore } from '../scan-store.ts';
import { cassandraOf } from '../server-settings.ts';
import type { CliSettings } from '../settings.ts';

/** Shorter ones are everywhere by chance. */
const SHORTEST_BYTES = 4;

/** Looks for a text in every byte that is kept, compressed or not. Changes nothing. */
export async function scan(projectFolder: string, values: CliSettings, json: boolean, text: string): Promise<number> {
  if (Buffer.byteLength(text) < SHORTEST_BYTES)
    throw new CliError(
      'WRONG_USAGE',
      `a text of at least ${SHORTEST_BYTES} bytes is looked for; a shorter one is found by chance`,
    );
  const { places, files, notRead } = await look(projectFolder, values, text);
  const away = [
    ...(values.kafkaBrokers === null ? [] : ['the log is in Kafka: its segments are not looked at']),
    ...(values.cassandraContactPoints === null
      ? []
      : ['the store is in Cassandra: every row of the project was looked at, the files of its nodes were not']),
  ];
  print(json, { found: places, files, notRead, away }, () => [
    ...(places.length === 0
      ? [`the text is in none of ${files} files, nor in any row of the store`]
      : places.map((place) => `found in ${place}`)),
    ...notRead.map((place) => `could not be decoded, only its bytes were looked at: ${place}`),
    ...away,
  ]);
  return places.length === 0 ? EXIT.done : EXIT.check;
}

async function look(projectFolder: string, values: CliSettings, text: string) {
  const opened: Look = await openToLook(projectFolder, values);
  try {
    const inStore = await scanStore(opened, text);
    const folders = [values.dataFolder, ...(values.archiveFolder === null ? [] : [values.archiveFolder])];
    const { found, files, notRead } = await scanFiles(
      folders.map((folder) => path.resolve(folder)),
      text,
    );
    return { places: [...inStore, ...(await inKeyspace(values, opened.project.id, text)), ...found], files, notRead };
  } finally {
    await opened.close();
  }
}

/** Also rows that the store shows to nobody: those below a floor, or of a store that was lost. */
async function inKeyspace(values: CliSettings, project: string, text: string): Promise<string[]> {
  const settings = cassandraOf(values);
  if (settings === null) return [];
  const tables = await tablesHolding(settings, project, text);
  return tables.map((table) => `rows of table ${settings.keyspace}.${table}`);
}
