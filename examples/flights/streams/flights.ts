import { instant, int, stream, text } from '@twofold/schemas';

/** Flights inside the United States, each when it left. */
export const flights = stream('flights', {
  description: 'One message per flight.',
  fields: {
    row: int().between(1, 10_000_000).description('Row of the published table: flights may be equal in all else'),
    departure: instant('s').description('By the clocks of the airport it left; published without a zone, here as UTC'),
    origin: text().maxLength(3).description('Airport, by its IATA code'),
    destination: text().maxLength(3),
    delay: int().unit('min').between(-1_440, 2_880).description('Of the arrival; negative: it was early'),
    distance: int().unit('mi').between(0, 10_000),
  },
  id: ['row'],
  eventTime: 'departure',
  partitionKey: 'origin',
  lateness: '1h',
});
