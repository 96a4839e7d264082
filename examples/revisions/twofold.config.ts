import { project } from '@twofold/views';
import { co2Months, co2Restatements } from './streams/co2.ts';
import { italyDays, italyRestatements } from './streams/italy.ts';
import { nycDays, nycRestatements } from './streams/nyc.ts';
import { co2Month } from './views/co2-month.ts';
import { italyNation } from './views/italy-nation.ts';
import { nycDay } from './views/nyc-day.ts';
import { nycWeek } from './views/nyc-week.ts';

export default project('revisions', {
  streams: [nycRestatements, nycDays, italyRestatements, italyDays, co2Restatements, co2Months],
  views: [nycDay, nycWeek, italyNation, co2Month],
});
