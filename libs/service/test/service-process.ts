// A real service process for run-service.test.ts: `drain` works until it is asked to end, `stray` drops a rejection.
import { createLogger, processHost, runService, systemClock } from '@twofold/service';

const clock = systemClock();
const logger = createLogger({ name: 'sample', level: 'info', format: 'json', stream: process.stdout, clock });
process.exit(
  await runService({
    host: processHost(),
    clock,
    logger,
    service: async ({ signal, ready }) => {
      ready();
      if (process.argv[2] === 'stray') void Promise.reject(new Error('nobody caught me'));
      await clock.sleep(60_000, signal);
    },
  }),
);
