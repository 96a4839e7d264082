import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { sweepWorkFolders, workFolder, type EngineError } from '@twofold/batch-engine';
import type { Clock, Logger } from '@twofold/service';
import { smallJobConf, sparkConf, TEMPORARY_FOLDER } from './spark-conf.ts';
import { SparkDriver } from './spark-driver.ts';
import type { SparkInstall } from './spark-install.ts';

export interface SparkOptions {
  /** Null: Spark on this machine, with `threads` threads. Else a cluster's, such as `spark://host:7077` or `yarn`. */
  readonly master: string | null;
  readonly install: SparkInstall;
  /** The Python that runs the driver, 3.10 or later. */
  readonly python: string;
  readonly threads: number;
  /** Java heap of the driver; beyond it, Spark spills where it can. */
  readonly memoryLimitBytes: number;
  /** A folder for results and for what Spark spills; with a cluster, one that all of its machines have. */
  readonly workDirectory: string;
  /** More of Spark's own settings. */
  readonly conf?: Readonly<Record<string, string>>;
  /** Jobs whose files have fewer bytes are planned with as little effort as can be; 8 MiB unless told. */
  readonly smallJobBytes?: number;
  /** A job that runs for longer is ended; an hour unless told. */
  readonly jobTimeoutMs?: number;
  readonly clock: Clock;
  readonly logger?: Logger;
}

const JOB_TIMEOUT_MS = 3_600_000;
const SMALL_JOB_BYTES = 8 << 20;

/** Keeps one driver running: it is started with the first job, and again with the next one after it died. */
export class SparkHost {
  #driver: SparkDriver | null = null;
  #folder = '';
  #drivers = 0;
  #jobs = 0;
  readonly #options: SparkOptions;

  constructor(options: SparkOptions) {
    this.#options = options;
  }

  /** Process id of the running driver; null while there is none. */
  get driverPid(): number | null {
    return this.#driver?.alive === true ? (this.#driver.pid ?? null) : null;
  }

  /** A number for a job that none had before. */
  nextJob(): number {
    return ++this.#jobs;
  }

  /** The driver, and the folder that it may write into. */
  running(): { readonly driver: SparkDriver; readonly folder: string } {
    if (this.#driver?.alive === true) return { driver: this.#driver, folder: this.#folder };
    const { master, install, python, threads, memoryLimitBytes, jobTimeoutMs, clock, logger } = this.#options;
    const workDirectory = path.resolve(this.#options.workDirectory);
    if (this.#driver !== null) logger?.warn('Spark starts again', { died: this.#driver.pid });
    sweepWorkFolders(workDirectory, 'spark');
    this.#folder = workFolder(workDirectory, 'spark', process.pid, ++this.#drivers);
    mkdirSync(path.join(this.#folder, TEMPORARY_FOLDER), { recursive: true });
    const local = master === null || master.startsWith('local');
    const conf = sparkConf({ threads, memoryLimitBytes, local, conf: this.#options.conf ?? {} });
    this.#driver = new SparkDriver({
      python,
      settings: {
        master: master ?? `local[${threads}]`,
        name: 'twofold',
        ...install,
        conf,
        smallJobBytes: this.#options.smallJobBytes ?? SMALL_JOB_BYTES,
        smallJobConf,
      },
      workFolder: this.#folder,
      jobTimeoutMs: jobTimeoutMs ?? JOB_TIMEOUT_MS,
      clock,
    });
    logger?.info('Spark starts', { driver: this.#driver.pid, master: master ?? 'local' });
    return { driver: this.#driver, folder: this.#folder };
  }

  /** Ends the driver at once; its jobs fail with `error`. */
  async close(error: EngineError): Promise<void> {
    await this.#driver?.close(error);
  }
}
