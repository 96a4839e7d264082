import { boolean, date, decimal, enumeration, float, instant, int, stream, text, uuid } from '@twofold/schemas';
import type { Random } from '../rng.ts';

export const COLOURS = ['red', 'green', 'blue'] as const;

/** A field of every kind, with and without a value: what random views are made over. */
function fields() {
  return {
    id: text().maxLength(16),
    device: text().maxLength(8),
    at: instant('ms'),
    level: int().between(-1000, 1000).optional(),
    price: decimal(2).between(-10_000, 10_000),
    force: float({ quantum: 2 ** -10 })
      .between(-1000, 1000)
      .optional(),
    on: boolean().optional(),
    day: date().optional(),
    colour: enumeration(COLOURS),
    part: uuid().optional(),
    label: text().maxLength(8).optional(),
  };
}

export type RandomStream = ReturnType<typeof randomStream>;

/** Slices, horizon, skew and id of a random size; the fields are always the same. */
export function randomStream(name: string, random: Random) {
  return stream(name, {
    fields: fields(),
    id: random.chance(0.5) ? ['id'] : ['device', 'id'],
    eventTime: 'at',
    partitionKey: 'device',
    skew: random.chance(0.5) ? null : '5m',
    dedupeHorizon: random.pick([0, 10, 60, 250]),
    sliceSize: random.pick([8, 16, 32, 64]),
  });
}
