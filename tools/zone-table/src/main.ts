import { readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { tableText, zonesOfRuntime } from './zones-of-runtime.ts';

/*
 * Writes libs/views/src/zones/zone-table.ts from the time-zone database of the Node that runs it. Names are those that
 * the runtime lists, and those of the system's zoneinfo folder that it knows too: old names of zones are links there.
 */

const FOLDER = '/usr/share/zoneinfo';
const until = Date.UTC(2051, 0, 1);

const linked = readdirSync(FOLDER, { recursive: true, withFileTypes: true })
  .filter((file) => !file.isDirectory())
  .map((file) => `${file.parentPath}/${file.name}`.slice(FOLDER.length + 1))
  .filter((name) => /^[A-Z]/.test(name) && !/^(posix|right)\//.test(name) && isZone(name));
const names = [...new Set([...Intl.supportedValuesOf('timeZone'), ...linked, 'UTC'])].sort();

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const text = tableText(zonesOfRuntime(names, until));
const source = `/*
 * Made by tools/zone-table from the time-zone database of Node ${process.version}; not written by hand. The database is in
 * the public domain. How a line is read: \`zone.ts\`.
 */
export const zoneTable = {
  version: '${process.versions.tz ?? 'unknown'}',
  /** The tables end here, milliseconds since 1970; the last offset holds on. */
  until: ${until},
  zones: ${JSON.stringify(text).replaceAll("'", "\\'").replace(/^"|"$/g, "'")},
};
`;
const file = fileURLToPath(new URL('../../../libs/views/src/zones/zone-table.ts', import.meta.url));
writeFileSync(file, source);
process.stdout.write(`${names.length} zones of ${process.versions.tz ?? 'unknown'} in ${source.length} characters\n`);
