import { Agent } from 'node:http';
import { ask } from './http-load.ts';

const CONNECTIONS = 8;
const MINUTES = 10;
/** The client that pages reads more of them, a few at a time. */
const WALK_MINUTES = 60;
/** One question is one read of each view. */
const VIEWS = 2;
const PAGE = 3;
/** A client that pages looks at each page, so that many releases go by. */
const LOOK_MS = 100;

interface Connection {
  readonly nodes: readonly Readonly<Record<string, unknown>>[];
  readonly provenance: { readonly release: string };
  readonly pageInfo?: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/**
 * Asks both views at once, again and again, and knows the two answers that there may be: a third one is a mixture. A
 * client of its own walks through all rows by page.
 */
export class SwitchReaders {
  reads = 0;
  walks = 0;
  pages = 0;
  readonly mixed: string[] = [];
  readonly #port: number;
  readonly #sensors: number;
  readonly #range: string;
  readonly #walkRange: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS + 1 });
  /** By sensor the answers there may be; by page walk all its rows. */
  readonly #known = new Map<string, Set<string>>();
  readonly #seen = new Map<string, number>();
  #clients: Promise<unknown> = Promise.resolve();
  #over = false;

  constructor(port: number, sensors: number, startMs: number) {
    this.#port = port;
    this.#sensors = sensors;
    const iso = (ms: number): string => new Date(ms).toISOString();
    const range = (minutes: number): string =>
      `timeRange: { from: "${iso(startMs)}", to: "${iso(startMs + minutes * 60_000)}" }`;
    this.#range = range(MINUTES);
    this.#walkRange = range(WALK_MINUTES);
  }

  /** Takes what is answered now for one of the answers there may be. Nothing may change meanwhile. */
  async learn(): Promise<void> {
    for (let sensor = 0; sensor < this.#sensors; sensor++) {
      const { text } = await this.#askBoth(sensor);
      this.#knownOf(`sensor ${sensor}`).add(text);
    }
    this.#knownOf('walk').add((await this.#walk(0)).text);
  }

  start(): void {
    const reader = async (first: number): Promise<void> => {
      for (let n = first; !this.#over; n++) {
        const sensor = n % this.#sensors;
        const { text, releases } = await this.#askBoth(sensor);
        this.reads += VIEWS;
        if (releases.size !== 1) this.mixed.push(`views of releases ${[...releases].join(' and ')} in one answer`);
        this.#note(`sensor ${sensor}`, text);
      }
    };
    const pager = async (): Promise<void> => {
      while (!this.#over) {
        const { text, releases, pages } = await this.#walk(LOOK_MS);
        this.walks++;
        this.pages += pages;
        if (releases.size !== 1) this.mixed.push(`pages of releases ${[...releases].join(' and ')} in one walk`);
        this.#note('walk', text);
      }
    };
    this.#clients = Promise.all([pager(), ...Array.from({ length: CONNECTIONS }, (_, n) => reader(n * 3))]);
  }

  async stop(): Promise<void> {
    this.#over = true;
    await this.#clients;
    this.#agent.destroy();
  }

  /** Throws when an answer was mixed, or when readers have not met both releases. */
  summary(): string {
    if (this.mixed.length > 0) throw new Error(`${this.mixed.length} mixed answers, such as ${this.mixed[0]}`);
    const met = [...this.#seen.values()];
    if (met.length < 2) throw new Error('the readers have met only one of the two releases');
    return `0 mixed answers (${met.map((n) => n.toLocaleString('en')).join(' and ')} questions met one release and the other), ${this.walks} walks of ${this.pages} pages together, each on one release`;
  }

  #knownOf(what: string): Set<string> {
    const known = this.#known.get(what) ?? new Set<string>();
    this.#known.set(what, known);
    return known;
  }

  #note(what: string, text: string): void {
    const which = [...this.#knownOf(what)].indexOf(text);
    if (which < 0) this.mixed.push(`${what}: ${text.slice(0, 400)}`);
    else this.#seen.set(`${which}`, (this.#seen.get(`${which}`) ?? 0) + 1);
  }

  async #askBoth(sensor: number): Promise<{ readonly text: string; readonly releases: Set<string> }> {
    const query = `{
      byMinute(key: { sensor: { eq: "${keyOf(sensor)}" } }, ${this.#range}, first: 20) {
        nodes { windowEnd readings temperature worst } provenance { release } }
      allByMinute(${this.#range}, first: 20) { nodes { windowEnd readings } provenance { release } } }`;
    const { byMinute, allByMinute } = await this.#ask(query, ['byMinute', 'allByMinute']);
    const releases = new Set([byMinute, allByMinute].map((each) => each?.provenance.release ?? 'none'));
    return { text: JSON.stringify([byMinute?.nodes, allByMinute?.nodes]), releases };
  }

  /** Every row of one sensor, page after page. */
  async #walk(lookMs: number): Promise<{ text: string; releases: Set<string>; pages: number }> {
    const rows: unknown[] = [];
    const releases = new Set<string>();
    let pages = 0;
    for (let after: string | null = null; ; pages++) {
      const from: string = after === null ? '' : `after: "${after}",`;
      const query = `{ byMinute(key: { sensor: { eq: "${keyOf(0)}" } }, ${this.#walkRange}, ${from} first: ${PAGE}) {
        nodes { sensor windowEnd readings } provenance { release } pageInfo { hasNextPage endCursor } } }`;
      const page: Connection | undefined = (await this.#ask(query, ['byMinute']))['byMinute'];
      rows.push(...(page?.nodes ?? []));
      releases.add(page?.provenance.release ?? 'none');
      after = page?.pageInfo?.endCursor ?? null;
      if (page?.pageInfo?.hasNextPage !== true) return { text: JSON.stringify(rows), releases, pages: pages + 1 };
      if (lookMs > 0) await new Promise((resolve) => setTimeout(resolve, lookMs));
    }
  }

  async #ask(query: string, fields: readonly string[]): Promise<Readonly<Record<string, Connection>>> {
    const { status, body } = await ask(this.#port, this.#agent, JSON.stringify({ query }));
    const { data } = JSON.parse(body) as { data?: Record<string, Connection> | null };
    if (status !== 200 || data == null || fields.some((field) => data[field] == null))
      throw new Error(`status ${status}: ${body.slice(0, 600)}`);
    return data;
  }
}

function keyOf(sensor: number): string {
  return `s-${String(sensor).padStart(5, '0')}`;
}
