import type { PartitionSource } from './source-ranges.ts';

type Ranges = NonNullable<PartitionSource['ranges']>;

/** Up to so many ranges are written as they are. */
const FEW = 16;
/** A gap that is longer is written as a range; the positions of shorter ones are listed, and looked up in a table. */
const LISTED = 1_024;

/**
 * The condition, as SQL that every engine reads, that an offset is in one of the ranges, which rise and are apart from one another. Where corrections left
 * out single positions there are many ranges with small gaps: then the gaps are listed.
 */
export function positionsWithin(offset: string, ranges: Ranges): string {
  if (ranges.length <= FEW) return ranges.map((range) => within(offset, range)).join(' or ');
  const spans: { from: number; to: number }[] = [];
  const left: number[] = [];
  for (const { from, to } of ranges) {
    const last = spans.at(-1);
    if (last === undefined || from - last.to > LISTED) {
      spans.push({ from, to });
      continue;
    }
    for (let position = last.to; position < from; position++) left.push(position);
    last.to = to;
  }
  const inside = spans.map((span) => within(offset, span)).join(' or ');
  return left.length === 0 ? inside : `(${inside}) and ${offset} not in (${left.join(', ')})`;
}

function within(offset: string, { from, to }: Ranges[number]): string {
  return `(${offset} >= ${from} and ${offset} < ${to})`;
}
