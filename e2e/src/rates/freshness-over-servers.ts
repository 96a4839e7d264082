import { SensorEvents } from '@twofold/event-generator';
import { ServerProject } from '../server-project.ts';
import { sleep } from '../until.ts';
import { CostWatch, type MeasuredProcess, type Rate, type RatedServers, type RatesAsked } from './rate.ts';

/** The batch layer's own settings: what users have who set nothing. */
const AS_DELIVERED: readonly string[] = [];
/** Until the programs are warm; its probes do not count. */
const WARM_SECONDS = 10;
/** Messages are sent in portions, as a client that batches for this long would. */
const PORTION_MS = 10;
const PROBE_MS = 50;
/** Between an answer and the next question: the questions are a load of their own (BENCHMARKS.md). */
const POLL_MS = 25;
/** How long the last probes are waited for. */
const PATIENCE_MS = 15_000;
const PROBE = 's-probe';
/** A probe's vibration is its number divided by this: a multiple of the field's quantum, and far below what rings the alarm. */
const PROBES_A_UNIT = 1_024;

/** From when an event was due to be sent to the first GraphQL answer that contains it, everything durable in between. */
export async function freshnessOverServers(servers: RatedServers, asked: RatesAsked): Promise<readonly Rate[]> {
  const { ratePerSecond, seconds } = asked;
  const plant = await ServerProject.make(servers, servers, AS_DELIVERED);
  try {
    const commands = ['speed', 'batch', 'serve'] as const;
    const services = await Promise.all(commands.map((command) => plant.start(command)));
    await Promise.all(services.map((each) => each.ready()));
    const platform = await plant.openToWrite();
    const topic = plant.topic('sensor-readings');
    const append: Append = (records) => platform.events.append(topic, records);
    const probes = new Probes(services[2]?.url ?? '', append);
    const events = new SensorEvents({ seed: 11, ratePerSecond });
    const stop = new AbortController();
    const sending = sendSteadily(append, events, ratePerSecond, stop.signal);
    await probes.run(WARM_SECONDS);
    const ours = services.map(({ command, pid }): MeasuredProcess => ({ name: command, pids: [pid] }));
    const sender = { name: 'sender and prober', pids: [process.pid] };
    const costs = new CostWatch([...ours, sender, ...servers.processes]);
    const measured = await probes.run(seconds);
    const cost = costs.summary();
    stop.abort();
    const sent = await sending;
    await platform.close();
    return [
      {
        what: `freshness at ${ratePerSecond.toLocaleString('en-GB')} messages a second, ${seconds} s`,
        program: 'speed, batch and serve',
        ...{ unit: 'messages', units: sent.acknowledged, wallSeconds: sent.seconds, cpuSeconds: null },
        remarks: `${measured}; ${cost}`,
      },
    ];
  } finally {
    await plant.remove();
  }
}

const PROBES_A_MINUTE = 60_000 / PROBE_MS;

function quantiles(freshness: readonly number[]): string {
  const sorted = freshness.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Infinity).toFixed(0);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`;
}

type Append = (records: readonly { readonly key: Uint8Array; readonly value: Uint8Array }[]) => Promise<unknown>;

/** Sends as a clock says, whether or not the log keeps up; gives how many messages were acknowledged meanwhile. */
async function sendSteadily(
  append: Append,
  events: SensorEvents,
  ratePerSecond: number,
  signal: AbortSignal,
): Promise<{ acknowledged: number; seconds: number }> {
  const begun = performance.now();
  let [sent, acknowledged] = [0, 0];
  while (!signal.aborted) {
    const due = Math.floor(((performance.now() - begun) * ratePerSecond) / 1_000) - sent;
    if (due > 0)
      append(events.take(due)).then(
        () => (acknowledged += due),
        () => undefined,
      );
    sent += due;
    await sleep(PORTION_MS);
  }
  return { acknowledged, seconds: (performance.now() - begun) / 1_000 };
}

/** Probe n has a vibration that tells n: the largest in an answer tells the newest. */
class Probes {
  readonly #url: string;
  readonly #append: Append;
  /** When each was due; by number. */
  readonly #due: number[] = [];
  readonly #freshness: number[] = [];
  #timestamp = 0;

  constructor(url: string, append: Append) {
    this.#url = `${url}/graphql`;
    this.#append = append;
  }

  /** Median, 99 % and largest of the probes of so many seconds, in words. */
  async run(seconds: number): Promise<string> {
    const first = this.#due.length;
    const end = performance.now() + seconds * 1_000;
    const [, unanswered] = await Promise.all([this.#send(end), this.#look(end)]);
    // Probes that nobody has seen by now are as late as can be, and stay in the figures.
    while (this.#freshness.length < this.#due.length) this.#freshness.push(Infinity);
    const found = this.#freshness.slice(first);
    for (let n = 0; n < found.length; n += PROBES_A_MINUTE)
      process.stderr.write(`minute ${n / PROBES_A_MINUTE + 1}: ${quantiles(found.slice(n, n + PROBES_A_MINUTE))}\n`);
    const seen = `${found.filter(Number.isFinite).length} of ${found.length} probes seen`;
    return `${quantiles(found)}; ${seen}, ${unanswered} questions unanswered`;
  }

  async #send(end: number): Promise<void> {
    const encoder = new TextEncoder();
    for (let due = performance.now(); due < end; due += PROBE_MS) {
      await sleep(Math.max(0, due - performance.now()));
      // Two of one millisecond would be duplicates.
      this.#timestamp = Math.max(this.#timestamp + 1, Date.now());
      const vibration = this.#due.length / PROBES_A_UNIT;
      const event = { sensor_id: PROBE, timestamp: this.#timestamp, temperature: 20, pressure: 100, vibration };
      // Counted from when it was due, so that a sender that is held up hides nothing.
      this.#due.push(due);
      // A probe that is held up does not hold up the next.
      this.#append([{ key: encoder.encode(PROBE), value: encoder.encode(JSON.stringify(event)) }]).catch(
        () => undefined,
      );
    }
  }

  async #look(end: number): Promise<number> {
    let unanswered = 0;
    for (;;) {
      const now = performance.now();
      if (now > end + PATIENCE_MS || (now > end + 2 * PROBE_MS && this.#freshness.length === this.#due.length))
        return unanswered;
      const worst = await this.#ask().catch(() => -1);
      if (worst < 0) unanswered++;
      const seenAt = performance.now();
      for (let n = this.#freshness.length; n <= worst * PROBES_A_UNIT && n < this.#due.length; n++)
        this.#freshness.push(seenAt - (this.#due[n] ?? 0));
      await sleep(POLL_MS);
    }
  }

  /** The largest vibration of the last rolling minutes. */
  async #ask(): Promise<number> {
    const second = Math.floor(Date.now() / 1_000) * 1_000;
    const variables = {
      from: new Date(second - 60_000).toISOString(),
      to: new Date(second + 2_000).toISOString(),
      sensor: PROBE,
    };
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: QUERY, variables }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { data } = (await response.json()) as {
      data?: { sensorMinute?: { nodes: readonly { worst: number | null }[] } | null } | null;
    };
    const nodes = data?.sensorMinute?.nodes;
    return nodes === undefined ? -1 : Math.max(0, ...nodes.map(({ worst }) => worst ?? 0));
  }
}

const QUERY = `query Probe($from: DateTime!, $to: DateTime!, $sensor: String!) {
  sensorMinute(key: { sensor: { eq: $sensor } }, timeRange: { from: $from, to: $to }, first: 100) {
    nodes { worst }
  }
}`;
