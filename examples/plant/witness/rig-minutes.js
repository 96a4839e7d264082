// The second witness: mean, least and greatest reading of every minute, straight from the files. It shares no code with
// Twofold and runs on plain Node: `node rig-minutes.js` prints one JSON object a window, in the order of the files.
import { readFileSync } from 'node:fs';
import { fileURLToPath, URL } from 'node:url';
import { gunzipSync } from 'node:zlib';

const start = Date.parse('2026-01-01T00:00:00Z');

/** Thousandths of a degree as an integer: '35.57' is 35570. */
function thousandths(text) {
  const [whole, fraction = ''] = text.split('.');
  return Number(whole) * 1000 + Number((fraction + '000').slice(0, 3));
}

export function* rigMinutes() {
  for (const sensor of ['TS1', 'TS2']) {
    const file = gunzipSync(readFileSync(new URL(`../data/${sensor}.txt.gz`, import.meta.url))).toString();
    for (const [cycle, line] of file.trim().split('\n').entries()) {
      const readings = line.trim().split('\t').map(thousandths);
      const sum = readings.reduce((a, b) => a + b, 0);
      yield {
        sensor,
        windowStart: start + cycle * 60_000,
        readings: readings.length,
        mean: sum / (readings.length * 1000),
        min: Math.min(...readings) / 1000,
        max: Math.max(...readings) / 1000,
      };
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const minute of rigMinutes()) console.log(JSON.stringify(minute));
