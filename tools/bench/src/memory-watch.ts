import { statSync } from 'node:fs';

const SAMPLE_MS = 1_000;
const SAMPLES_A_LINE = 10;

/** What a process holds, in megabytes. */
interface MemorySample {
  readonly minute: number;
  readonly residentMb: number;
}

/** Looks at the resident size of this process each second, prints all that it consists of each ten seconds. */
export class MemoryWatch {
  readonly #began = performance.now();
  readonly #samples: MemorySample[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #logFile: string;
  readonly #print: (line: string) => void;

  /** @param logFile the store's write-ahead log, whose size is shown, too */
  constructor(logFile: string, print: (line: string) => void) {
    this.#logFile = logFile;
    this.#print = print;
    this.#timer = setInterval(() => this.#look(), SAMPLE_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Megabytes a minute of the least-squares line through the samples from a minute on. */
  slopeFrom(minute: number): number {
    const points = this.#samples.filter((sample) => sample.minute >= minute);
    const meanOf = (of: (sample: MemorySample) => number): number =>
      points.reduce((sum, point) => sum + of(point), 0) / points.length;
    const middle = meanOf((point) => point.minute);
    const mb = meanOf((point) => point.residentMb);
    const spread = meanOf((point) => (point.minute - middle) ** 2);
    return meanOf((point) => (point.minute - middle) * (point.residentMb - mb)) / spread;
  }

  #look(): void {
    const { rss, heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
    const minute = (performance.now() - this.#began) / 60_000;
    this.#samples.push({ minute, residentMb: rss / 2 ** 20 });
    if (this.#samples.length % SAMPLES_A_LINE !== 0) return;
    const walBytes = statSync(this.#logFile, { throwIfNoEntry: false })?.size ?? 0;
    const sizes = { resident: rss, heap: heapUsed, 'heap held': heapTotal, external, arrayBuffers, wal: walBytes };
    const shown = Object.entries(sizes).map(([name, bytes]) => `${name} ${(bytes / 2 ** 20).toFixed(1)}`);
    this.#print(`${minute.toFixed(2)} min: ${shown.join(', ')} MB`);
  }
}
