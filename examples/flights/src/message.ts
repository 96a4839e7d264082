/** A message for the stream `flights`. */
export interface FlightMessage {
  readonly stream: 'flights';
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

const encoder = new TextEncoder();
const keys = new Map<string, Uint8Array>();

/** @param departure as `2001-04-27T06:00:00` */
export function messageOf(
  row: number,
  departure: string,
  [delay, distance]: readonly [delay: number | string, distance: number | string],
  [origin, destination]: readonly [origin: string, destination: string],
): FlightMessage {
  const json = `{"row":${row},"departure":"${departure}Z","origin":"${origin}","destination":"${destination}","delay":${delay},"distance":${distance}}`;
  return { stream: 'flights', key: keyOf(origin), value: encoder.encode(json) };
}

function keyOf(origin: string): Uint8Array {
  const known = keys.get(origin);
  if (known !== undefined) return known;
  const key = encoder.encode(origin);
  keys.set(origin, key);
  return key;
}
