import { sleep } from './until.ts';

/** One row of a watched view as the API gave it. */
export interface WatchedRow {
  readonly windowStart: string;
  readonly windowEnd: string;
  /** A whole number, as text. */
  readonly readings: string;
  readonly [measure: string]: string | number | null;
}

/** What one question was answered, with where the answer says it comes from. */
export interface WatchedAnswer {
  /** Milliseconds since the watch began. */
  readonly atMs: number;
  readonly view: WatchedView;
  readonly release: string;
  readonly watermark: number | null;
  /** By partition: everything below is claimed to be in the answer. */
  readonly positions: readonly number[];
  readonly rows: readonly WatchedRow[];
}

export type WatchedView = 'plantMinute' | 'sensorMinute';

/** The one sensor whose rolling minutes are watched. */
export const WATCHED_SENSOR = 's-00001';
/** Windows that are asked for: the first minutes of the generated sensors. */
export const WATCHED = { from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 0, 1, 0, 30) };

const PROVENANCE = 'provenance { release watermark partitions { position } }';
const QUERY = `query Watch($from: DateTime!, $to: DateTime!, $sensor: String!) {
  plantMinute(timeRange: { from: $from, to: $to }, first: 2000) {
    nodes { windowStart windowEnd readings temperature pressure worst } ${PROVENANCE}
  }
  sensorMinute(key: { sensor: { eq: $sensor } }, timeRange: { from: $from, to: $to }, first: 2000) {
    nodes { windowStart windowEnd readings temperature pressure vibration worst crest } ${PROVENANCE}
  }
}`;
const VARIABLES = {
  from: new Date(WATCHED.from).toISOString(),
  to: new Date(WATCHED.to).toISOString(),
  sensor: WATCHED_SENSOR,
};

interface Page {
  readonly nodes: readonly WatchedRow[];
  readonly provenance: {
    readonly release: string;
    readonly watermark: string | null;
    readonly partitions: readonly { readonly position: string }[];
  };
}

/** Asks the API again and again, as a dashboard does, and keeps what it was answered. */
export class AnswerWatch {
  readonly answers: WatchedAnswer[] = [];
  /** Questions that got an error, or no answer at all: that is allowed, a wrong answer is not. */
  unanswered = 0;
  /** Errors that the API gave, by code. */
  readonly errors = new Map<string, number>();
  readonly #url: string;
  readonly #everyMs: number;
  readonly #begun = performance.now();
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  /** @param url of the API, without a path */
  constructor(url: string, everyMs = 300) {
    this.#url = `${url}/graphql`;
    this.#everyMs = everyMs;
    this.#done = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#ask().catch(() => this.unanswered++);
      await sleep(this.#everyMs);
    }
  }

  async #ask(): Promise<void> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: QUERY, variables: VARIABLES }),
      signal: AbortSignal.timeout(20_000),
    });
    const { data, errors } = (await response.json()) as {
      data?: Partial<Record<WatchedView, Page | null>> | null;
      errors?: readonly { readonly extensions?: { readonly code?: string } }[];
    };
    for (const { extensions } of errors ?? []) {
      const code = extensions?.code ?? 'UNKNOWN';
      this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
    }
    let answered = false;
    for (const view of ['plantMinute', 'sensorMinute'] as const) {
      const page = data?.[view];
      if (page === undefined || page === null) continue;
      answered = true;
      this.answers.push(this.#answer(view, page));
    }
    if (!answered) this.unanswered++;
  }

  #answer(view: WatchedView, { nodes, provenance }: Page): WatchedAnswer {
    const { release, watermark, partitions } = provenance;
    return {
      atMs: performance.now() - this.#begun,
      view,
      release,
      watermark: watermark === null ? null : Date.parse(watermark),
      positions: partitions.map(({ position }) => Number(position)),
      rows: nodes,
    };
  }
}
