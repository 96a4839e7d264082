import { project } from '@twofold/views';
import { edits } from './streams/edits.ts';
import { channelHour } from './views/channel-hour.ts';
import { everyDay } from './views/every-day.ts';
import { pageDay } from './views/page-day.ts';
import { userSessions } from './views/user-sessions.ts';

export default project('wikipedia', { streams: [edits], views: [channelHour, everyDay, pageDay, userSessions] });
