import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** Of the rig's sensors. */
export const rigSensors = ['TS1', 'TS2'] as const;
/**
 * The measurements carry no date. Here the first cycle begins at this instant, each cycle takes the 60 seconds it has
 * readings for, and the next one follows at once: cycle n begins at `rigStartMs + (n - 1) * 60_000`.
 */
export const rigStartMs = Date.UTC(2026, 0, 1);
export const rigCycles = 2_205;
/** End of the last cycle, exclusive. */
export const rigEndMs = rigStartMs + rigCycles * 60_000;

/** A message of the stream `rig-readings`, ready to be sent. */
export interface RigMessage {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  /** Event time, milliseconds: rises by a second every two messages. */
  readonly timeMs: number;
}

/** All 264,600 readings of the extract, both sensors second by second, with the digits of the file. */
export function* rigMessages(): Generator<RigMessage> {
  const encoder = new TextEncoder();
  const rows = rigSensors.map((sensor) => ({ sensor, key: encoder.encode(sensor), cycles: readRows(sensor) }));
  for (let cycle = 1; cycle <= rigCycles; cycle++) {
    for (let second = 0; second < 60; second++) {
      const timeMs = rigStartMs + ((cycle - 1) * 60 + second) * 1000;
      for (const { sensor, key, cycles } of rows) {
        const reading = cycles[cycle - 1]?.[second];
        if (reading === undefined) throw new RangeError(`${sensor} has no reading ${second} in cycle ${cycle}`);
        const timestamp = new Date(timeMs).toISOString().replace('.000Z', 'Z');
        const json = `{"sensor":"${sensor}","timestamp":"${timestamp}","cycle":${cycle},"temperature":${reading}}`;
        yield { key, value: encoder.encode(json), timeMs };
      }
    }
  }
}

/** State of the cooler in each cycle, in percent of full efficiency: 3 (close to failure), 20 or 100. */
export function coolerByCycle(): number[] {
  return readRows('profile').map(([cooler]) => Number(cooler));
}

function readRows(name: string): string[][] {
  const bytes = gunzipSync(readFileSync(new URL(`../data/${name}.txt.gz`, import.meta.url)));
  return bytes
    .toString('latin1')
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split('\t'));
}
