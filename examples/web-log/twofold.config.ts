import { project } from '@twofold/views';
import { requests } from './streams/requests.ts';
import { clientHour } from './views/client-hour.ts';
import { statusHour } from './views/status-hour.ts';
import { tenSeconds } from './views/ten-seconds.ts';

export default project('web-log', { streams: [requests], views: [statusHour, clientHour, tenSeconds] });
