import type { PlantedBug } from './planted-bugs.ts';

/** Of jobs, their holders and their slots. */
export const SCHEDULE_BUGS: readonly PlantedBug[] = [
  {
    name: 'a job taken without comparing its row',
    file: 'view-store/src/memory/memory-jobs.ts',
    find: `!== row.sequence - 1) return false;`,
    replace: `> row.sequence) return false;`,
  },
  {
    name: 'a lease judged by the wall clock',
    file: 'batch-layer/src/job-runner.ts',
    find: `this.#watch.isOver(row, clock.monotonic())`,
    replace: `this.#watch.isOver(row, clock.now())`,
  },
  {
    name: 'a take-over that does not lift the fence',
    test: {
      project: 'batch-layer',
      file: 'test/schedule-policies.test.ts',
      title: 'a holder that stood still while its job was taken over changes nothing any more',
    },
    file: 'batch-layer/src/job-runner.ts',
    find: `const done = row.clean ? null : await this.#liftFence(run, signal);`,
    replace: `const done = null as JobMark | null;`,
  },
  {
    name: 'the fence is not compared',
    test: {
      project: 'batch-layer',
      file: 'test/run-views.test.ts',
      title: 'E15: a run whose job was taken over registers and promotes nothing, wherever it stood',
    },
    file: 'releases/src/job-mark.ts',
    find: `if (known !== undefined && known.fence > fence)`,
    replace: `if (known !== undefined && known.fence > fence + 1_000)`,
  },
  {
    name: 'a slot that is done is not settled',
    file: 'schedules/src/job-changes.ts',
    find: `trying === null ? settle(settled, run.slot, run.slot, timetable.table) : settled`,
    replace: `settled`,
  },
  {
    name: 'a sign of life of somebody who lost the job',
    test: {
      project: 'schedules',
      file: 'test/job-row.test.ts',
      title: 'is held by one run; a sign of life, an end and a take-over of another fence change nothing',
    },
    file: 'schedules/src/job-changes.ts',
    find: `  if (row.holder === null || row.fence !== run.fence) return null;
  return next(row, { holder:`,
    replace: `  if (row.holder === null) return null;
  return next(row, { holder:`,
  },
  {
    name: 'what the run before has done is not looked at',
    test: {
      project: 'batch-layer',
      file: 'test/schedule-crash.test.ts',
      title:
        'E14 E15: a scheduler that is killed at any step leaves the old release or the new one, and the slot is done by one run',
    },
    file: 'batch-layer/src/job-runner.ts',
    find: `if (run.slot !== null && done?.slot === run.slot && done.run !== run.id)`,
    replace: `if (run.slot === -1 && done !== null)`,
    also: [
      {
        file: 'releases/src/job-mark.ts',
        find: `if (slot !== null && known?.slot === slot && known.run !== run)`,
        replace: `if (slot === -1 && known !== undefined)`,
      },
    ],
  },
];
