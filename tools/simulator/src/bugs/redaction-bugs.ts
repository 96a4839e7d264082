import type { PlantedBug } from './planted-bugs.ts';

const REDACTION = 'batch-layer/src/corrections/redaction/';

/** Of redactions (E21). */
export const REDACTION_BUGS: readonly PlantedBug[] = [
  {
    name: 'a redaction leaves the duplicates',
    file: `${REDACTION}find-copies.ts`,
    find: `(of === RecordClass.applied || of === RecordClass.duplicate)`,
    replace: `of === RecordClass.applied`,
  },
  {
    name: 'a redaction leaves rejected records',
    file: `${REDACTION}find-copies.ts`,
    find: `      return true;
    }
    return byPlace`,
    replace: `      return false;
    }
    return byPlace`,
  },
  {
    name: 'a redaction leaves rows that corrections added',
    file: `${REDACTION}find-copies.ts`,
    find: `files.map((file) => ({ source: file.partition, file, number: null })), ...added]`,
    replace: `files.map((file) => ({ source: file.partition, file, number: null })), ...added.slice(0, 0)]`,
  },
  {
    name: 'rows of a correction that was overtaken are looked for',
    test: {
      project: 'batch-layer',
      file: 'test/redaction-meanwhile.test.ts',
      title: 'E20, E21: a link that lands when the redaction has taken effect is overtaken, and stands in nobody’s way',
    },
    file: 'corrections/src/overtaken.ts',
    find: `redactions.some((redaction, at) => redaction < number && known <= at)`,
    replace: `redactions.some(() => false)`,
  },
  {
    name: 'a redaction does not ask what corrections added after it was planned',
    test: {
      project: 'batch-layer',
      file: 'test/redaction-meanwhile.test.ts',
      title:
        'E20, E21: rows that a correction added after the plan, in force or not, are not left: it is planned again',
    },
    file: `${REDACTION}append-redaction.ts`,
    find: `find(({ added }) => added !== null)`,
    replace: `find(() => false)`,
  },
  {
    name: 'a correction adds rows that were read before a redaction',
    test: {
      project: 'batch-layer',
      file: 'test/redaction-meanwhile.test.ts',
      title: 'E20, E21: a correction that was planned before it adds no rows, and leaves none',
    },
    file: 'batch-layer/src/corrections/append-correction.ts',
    find: `redaction !== undefined || !(await isCurrent(archive, plan.stream, plan.redactions))`,
    replace: `redaction === plan.links`,
  },
  {
    name: 'a redaction leaves other releases and candidates',
    file: 'releases/src/redact.ts',
    find: `    entries: Object.fromEntries(kept.map((entry) => [entry.id, entry])),
    releases: [live],
    candidates: [],`,
    replace: `    entries: row.entries,
    releases: row.releases,
    candidates: row.candidates,`,
  },
  {
    name: 'a redaction raises floors of what live has only',
    file: 'releases/src/redact.ts',
    find: `?.cut ?? redactions[stream]?.cut;`,
    replace: `?.cut;`,
  },
  {
    name: 'a redaction shares parts with its base',
    file: `${REDACTION}apply-redaction.ts`,
    find: `    fresh: true,\n`,
    replace: ``,
  },
  {
    name: 'a redaction begins while targets are on the speed side',
    file: 'releases/src/redact.ts',
    find: `  if (ahead < 0) return null;`,
    replace: `  if (ahead < Infinity) return null;`,
    also: [
      {
        file: `${REDACTION}apply-redaction.ts`,
        find: `    await ground.bringUp(views, signal);\n`,
        replace: ``,
      },
    ],
  },
  {
    name: 'others are built without a redaction that has begun',
    file: 'releases/src/transitions.ts',
    find: `  if (mark === undefined) return null;`,
    replace: `  if (mark?.release !== undefined) return null;
  if (mark === undefined) return null;`,
  },
  {
    name: 'certified before anything is swept',
    file: `${REDACTION}clean-up.ts`,
    find: `  const { partsRemoved, buildsRemoved, rowsSwept } = await collect(ports, signal);`,
    replace: `  const { partsRemoved, buildsRemoved, rowsSwept } = { partsRemoved: 0, buildsRemoved: 0, rowsSwept: 0 };`,
  },
  {
    name: 'dead letters outlive a redaction',
    file: `${REDACTION}clean-up.ts`,
    find: `of correction.cut.entries())`,
    replace: `of correction.cut.slice(0, 0).entries())`,
  },
  {
    name: 'files are not rewritten',
    file: `${REDACTION}rewrite-archive.ts`,
    find: `if (!offsets.some((offset) => isIn(runs, offset))) return false;`,
    replace: `if (offsets.length >= 0) return false;`,
  },
  {
    name: 'the log still shows what is erased',
    file: 'event-log/src/archived-log.ts',
    find: `return this.#blanks.length === 0 ? batch`,
    replace: `return this.#blanks.length >= 0 ? batch`,
  },
  {
    name: 'a copy of what was erased is a new event',
    file: 'event-log/src/blank-horizon.ts',
    find: `      if (hash === id) return true;`,
    replace: `      if (hash === id) return false;`,
  },
  {
    name: 'what was erased is looked for before the archive is read',
    test: {
      project: 'event-log',
      file: 'test/blanks.test.ts',
      title:
        'E9, E21: its copies are duplicates also for a reader that was under way in the archive while it was erased',
    },
    file: 'event-log/src/archived-log.ts',
    find: `    const { batch, archived } = await this.#readRecords(from, options);`,
    replace: `    if (from !== this.#next || this.#readsLeft === 0) this.#blanks = await this.#archive.blanks(this.#topic, this.#partition);
    const { batch, archived } = await this.#readRecords(from, options);`,
    also: [
      {
        file: 'event-log/src/archived-log.ts',
        find: `    if (archived || from !== this.#next || this.#readsLeft === 0) {
      this.#blanks = await this.#archive.blanks(this.#topic, this.#partition);`,
        replace: `    if ((archived && this.#readsLeft < 0) || from !== this.#next || this.#readsLeft === 0) {`,
      },
    ],
  },
  {
    name: 'a lost store comes back without its redactions',
    test: {
      project: 'batch-layer',
      file: 'test/redaction.test.ts',
      title: 'E21, E7: a store that was lost before it was noted what is in force has the redaction in force',
    },
    file: 'batch-layer/src/register-project.ts',
    find: `  if (redactions.length === 0) return noted;`,
    replace: `  if (redactions.length >= 0) return noted;`,
  },
  {
    name: 'plans and differences outlive a redaction',
    file: `${REDACTION}clean-up.ts`,
    find: `(document.redactions ?? 0) < redactions.length) gone`,
    replace: `(document.redactions ?? 0) < 0) gone`,
  },
];
