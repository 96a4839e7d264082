/** What no view should cost, nanoseconds a matching event. */
const GOAL = 50;

export type Weighed = 'foldUs' | 'rowsUs';
type Part = 'all' | 'second half';
type Counts = Readonly<Record<Weighed | 'matching', number>>;

/** Microseconds of CPU that a view's folding and writing rows have cost, and of how many matching events. */
export class ViewCosts {
  readonly name: string;
  foldUs = 0;
  rowsUs = 0;
  matching = 0;
  /** What these were when half of the log was folded: most keys were seen by then, and code compiled. */
  private half: Counts | null = null;

  constructor(name: string) {
    this.name = name;
  }

  add(what: Weighed, run: () => void): void {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    this[what] += user + system;
  }

  /** Half of the log is folded; only the first call counts. */
  halve(): void {
    const { foldUs, rowsUs, matching } = this;
    this.half ??= { foldUs, rowsUs, matching };
  }

  of(what: Weighed | 'matching', part: Part): number {
    return this[what] - (part === 'second half' ? (this.half?.[what] ?? 0) : 0);
  }
}

/**
 * Nanoseconds of a matching event, of each view the least of the runs, over the whole log and over its second half.
 * @param runs over one log, of which the first has counted the events
 */
export function toldCosts(runs: readonly (readonly ViewCosts[])[], what: Weighed): string {
  const matching = (runs[0] ?? []).reduce((sum, of) => sum + of.matching, 0);
  return [`${matching} matching`, told(runs, what, 'all'), told(runs, what, 'second half')].join('; ');
}

function told(runs: readonly (readonly ViewCosts[])[], what: Weighed, part: Part): string {
  const views = (runs[0] ?? []).map(({ name }, i) => ({
    name,
    nanoseconds: Math.min(
      ...runs.map((run) => ((run[i]?.of(what, part) ?? NaN) * 1e3) / (runs[0]?.[i]?.of('matching', part) ?? NaN)),
    ),
  }));
  views.sort((a, b) => a.nanoseconds - b.nanoseconds);
  const said = (at: number): string => views.at(at)?.nanoseconds.toFixed(0) ?? '';
  const mean = (views.reduce((sum, { nanoseconds }) => sum + nanoseconds, 0) / views.length).toFixed(0);
  const above = views.filter(({ nanoseconds }) => nanoseconds > GOAL).length;
  const dearest = views.slice(-3).map(({ name, nanoseconds }) => `${name} ${nanoseconds.toFixed(0)}`);
  const name = what === 'foldUs' ? 'fold' : 'rows';
  return `${name}, ${part}: ${mean} ns a matching event, least ${said(0)}, middle ${said(views.length >> 1)}, ${above} views above ${GOAL}, most ${dearest.join(', ')}`;
}
