import type { OracleRecord } from '@twofold/oracle';
import type { Draw } from './draw.ts';
import type { RandomStream } from './random-stream.ts';

/** What stands in a log: records by partition and offset; positions left out are control. */
export interface RandomLog {
  readonly random: RandomStream;
  readonly records: readonly OracleRecord[];
  /** One past the last position, by partition. */
  readonly ends: readonly number[];
}

const encoder = new TextEncoder();
const start = Date.UTC(2026, 0, 1);

/** Few to some 120 records: repeated, malformed, late and early ones among them, with gaps between. */
export function randomLog(draw: Draw, random: RandomStream): RandomLog {
  const base = draw.pick([start, 0, -86_400_000 * 365]);
  const stepMs = draw.pick([100, 2_000, 60_000]);
  const records: OracleRecord[] = [];
  const ends = Array.from({ length: draw.int(1, 3) }, (_, partition) => {
    const most = draw.pick([3, 20, 60]);
    let offset = 0;
    for (let i = 0; i < most; i++) {
      if (draw.chance(0.1)) offset += draw.int(1, 5);
      const time = base + (draw.chance(0.15) ? draw.int(-4_000, 100) : i) * stepMs + draw.int(0, 3_000);
      const logTime = Math.max(0, base) + i * stepMs;
      records.push({ partition, offset: offset++, key: null, value: valueOf(draw, random, time), logTime });
    }
    return offset + (draw.chance(0.3) ? 2 : 0);
  });
  return { random, records, ends };
}

function valueOf(draw: Draw, { message }: RandomStream, time: number): Uint8Array | null {
  if (draw.chance(0.01)) return null;
  const text = message(time);
  return encoder.encode(draw.chance(0.01) ? text.slice(0, draw.int(0, text.length)) : text);
}
