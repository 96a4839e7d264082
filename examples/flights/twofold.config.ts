import { project } from '@twofold/views';
import { flights } from './streams/flights.ts';
import { flightHour } from './views/flight-hour.ts';
import { originDay } from './views/origin-day.ts';

export default project('flights', { streams: [flights], views: [flightHour, originDay] });
