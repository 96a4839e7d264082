import type { Cron } from '@twofold/service';
import { schedule, validate } from 'node-cron';
import { BatchError } from './errors.ts';

/** Wake-ups by node-cron, in UTC; what they mean is decided by stored state. */
export const nodeCron: Cron = {
  schedule(expression, wake) {
    if (!validate(expression))
      throw new BatchError('CRON_INVALID', `schedule "${expression}" is not a cron expression`);
    const task = schedule(expression, wake, { timezone: 'Etc/UTC' });
    return () => void task.stop();
  },
};
