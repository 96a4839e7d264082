// A second reading of the day of flights that comes with the example: it shares no code with Twofold. Prints, as JSON,
// what facts.json says of it.
import { readFileSync } from 'node:fs';
import { URL } from 'node:url';
import { gunzipSync } from 'node:zlib';

const bytes = gunzipSync(readFileSync(new URL('../data/2001-04-27.csv.gz', import.meta.url)));
const rows = bytes
  .toString()
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(','));

/** @param {(row: string[]) => string} of */
function tally(of) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const row of rows) counts.set(of(row), (counts.get(of(row)) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}
const delays = rows.map((row) => Number(row[2]));
const origins = tally((row) => row[4] ?? '');
const hours = tally((row) => (row[1] ?? '').slice(0, 13));
const means = origins
  .filter(([, flights]) => flights >= 20)
  .map(([origin, flights]) => {
    const minutes = rows.filter((row) => row[4] === origin).reduce((sum, row) => sum + Number(row[2]), 0);
    return /** @type {[string, number]} */ ([origin, Number((minutes / flights).toFixed(6))]);
  })
  .sort((a, b) => b[1] - a[1]);

console.log(
  JSON.stringify({
    rows: rows.length,
    sumDelay: delays.reduce((a, b) => a + b, 0),
    sumDistance: rows.reduce((sum, row) => sum + Number(row[3]), 0),
    late: delays.filter((delay) => delay >= 15).length,
    early: delays.filter((delay) => delay < 0).length,
    origins: origins.length,
    destinations: tally((row) => row[5] ?? '').length,
    hoursWithRows: hours.length,
    busiestHour: hours.slice(0, 1).map(([hour, flights]) => [`${hour.replace('T', ' ')}:00:00`, flights])[0],
    rowsByMonth: Object.fromEntries(tally((row) => (row[1] ?? '').slice(0, 7))),
    topOrigins: origins.slice(0, 5),
    worstMeanDelays: means.slice(0, 3),
  }),
);
