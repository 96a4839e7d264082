import {
  answerPage,
  CursorCodec,
  PinnedPanes,
  type AnswerPage,
  type ReadRequest,
  type Serving,
} from '@twofold/serving-api';
import type { Machine, World } from './world.ts';

/** Pages of one answer, at the most. */
const PAGES = 6;

/** Reads answers page by page, and takes its time between two pages. */
export class Pager {
  readonly #world: World;
  readonly #machine: Machine;
  readonly #serving: Serving;

  constructor(world: World, machine: Machine, ports: Serving['ports']) {
    const { clock, store } = machine;
    const { views, topics } = world.model;
    this.#world = world;
    this.#machine = machine;
    this.#serving = {
      views,
      streams: topics.map(({ stream }) => stream),
      store,
      ports,
      clock,
      cursors: new CursorCodec('simulator'),
      pinned: new PinnedPanes(clock),
      maxRows: 100_000,
    };
  }

  /** X4: all pages are of one release; rows rise from page to page, and those of a snapshot are all there. */
  async read(of: ReadRequest): Promise<void> {
    const { random, coverage, observer } = this.#world;
    const { clock, process } = this.#machine;
    const request = { ...of, release: null, positions: null };
    const first = random.int(1, 30);
    const snapshot = random.chance(0.5);
    const asked = { request, orderBy: [], snapshot, first, maxStalenessMs: null, query: 'pages' };
    let release: string | null = null;
    let last: Row | null = null;
    let after: string | null = null;
    for (let number = 1; number <= PAGES; number++) {
      const page: AnswerPage = await answerPage({ ...asked, after }, { only: [], cursors: true }, this.#serving);
      const { id } = page.answer.merged.release;
      coverage.pagesRead++;
      release ??= id;
      if (id !== release) observer.fail('X4', `page ${number} is of release ${id}, and those before of ${release}`);
      last = this.#checkRows(page, last, number);
      if (!page.hasNextPage) break;
      after = page.cursorOf(page.rows.at(-1) ?? 0);
      await clock.sleep(random.int(5, 400), process.stop.signal);
    }
  }

  #checkRows(page: AnswerPage, last: Row | null, number: number): Row | null {
    const { windows } = page.answer;
    let before = last;
    for (const row of page.rows) {
      const key = windows.keys[windows.keyOfRow[row] ?? 0] ?? new Uint8Array(0);
      const now = { key: Buffer.from(key), windowEnd: windows.windowEnds[row] ?? 0 };
      const order = before === null ? 1 : now.key.compare(before.key) || now.windowEnd - before.windowEnd;
      if (order <= 0)
        this.#world.observer.fail('X4', `page ${number}: row ${row} was given before, or is out of order`);
      before = now;
    }
    return before;
  }
}

interface Row {
  readonly key: Buffer;
  readonly windowEnd: number;
}
