import type { PlantedBug } from './planted-bugs.ts';

/** Slots of panes: a small history has few keys, and seldom more than a pane in a slice. */
const PANES = {
  project: 'views',
  file: 'test/fold-panes.test.ts',
  title:
    'are those of keys and panes, whichever panes batches are of, however dictionaries begin anew and rows are taken',
};

/** Of the fold. */
export const FOLD_BUGS: readonly PlantedBug[] = [
  {
    name: 'slots of a pane that has ended are taken for those of the next one',
    file: 'views/src/slot-finder.ts',
    find: `if (this.settledPane !== pane) {`,
    replace: `if (Number.isNaN(this.settledPane)) {`,
    test: PANES,
  },
  {
    name: 'a group that has another number now is taken for a new one',
    file: 'views/src/slot-finder.ts',
    find: `this.knowsAll = this.table.rows === 0;`,
    replace: `this.knowsAll = this.table.rows >= 0;`,
    test: PANES,
  },
  {
    name: 'rows that go into slots which were written before change nothing',
    file: 'views/src/slot-finder.ts',
    find: `if (touched[slot] === 1) take(slot);`,
    replace: `if (touched[slot] === 2) take(slot);`,
    test: PANES,
  },
  {
    name: 'a key whose first pane was opened in a hurry has none',
    file: 'views/src/slot-index.ts',
    find: `if (this.chained < this.rows) this.chainFirsts();`,
    replace: `if (this.chained > this.rows) this.chainFirsts();`,
    test: PANES,
  },
  {
    name: 'the times of a stretch of rows are those of its first one',
    file: 'views/src/event-times.ts',
    find: `const end = Math.min(to, start + (1 << stretchBits));`,
    replace: `const end = Math.min(to, start + 1);`,
    test: {
      project: 'views',
      file: 'test/event-times.test.ts',
      title: 'bounds of event times leave out no applied row, and are of no row that is far away',
    },
  },
];
