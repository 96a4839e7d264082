import { parseCron, wakeExpression } from '@twofold/schedules';
import type { Cron } from '@twofold/service';
import { schedule } from 'node-cron';

/** Wake-ups by node-cron, in UTC; what they mean is decided by stored state. */
export const nodeCron: Cron = {
  schedule(expression, wake) {
    // Its dialect of cron is smaller than ours: it gets plain lists, and wakes a little too often.
    const task = schedule(wakeExpression(parseCron(expression)), wake, { timezone: 'Etc/UTC' });
    return () => void task.stop();
  },
};
