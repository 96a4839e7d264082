import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  caughtUp,
  compareView,
  loadProject,
  loggerOf,
  openToFollow,
  openToWrite,
  readWholeLog,
  settings,
  type CliSettings,
  type Comparison,
  type LoadedProject,
  type Platform,
  type WritablePlatform,
} from '@twofold/cli';
import { deleteTopics } from '@twofold/event-log-kafka/testing';
import { entryOf, liveRelease } from '@twofold/releases';
import { freePort } from '@twofold/service/testing';
import type { CassandraSettings } from '@twofold/view-store-cassandra';
import { dropKeyspace } from '@twofold/view-store-cassandra/testing';
import { runTwofold, type Ended } from './dev-process.ts';
import type { Servers } from './run-services.ts';
import { ServiceProcess, type ServiceCommand } from './service-process.ts';

const WORKSPACE = fileURLToPath(new URL('../..', import.meta.url));

/** What was compared with the oracle, and how much there was of it. */
export interface Proof {
  /** Records of the stream that count. */
  readonly applied: number;
  readonly views: readonly Comparison[];
}

/** Folders of projects that were not removed: they go when this process does. */
const folders = new Set<string>();
process.once('exit', () => {
  for (const folder of folders) spawnSync('rm', ['-rf', folder]);
});

/** Tests wait for the archive. */
const QUICK = ['--archive-every', '1s', '--engine-threads', '1'];

/** The plant under an id of its own over real servers: its topics and keyspace are nobody else's. */
export class ServerProject {
  readonly project: LoadedProject['project'];
  readonly keyspace: string;
  readonly processes: ServiceProcess[] = [];
  readonly #folder: string;
  readonly #servers: Servers;
  readonly #own: Servers;
  readonly #batch: readonly string[];

  private constructor(folder: string, loaded: LoadedProject, servers: Servers, own: Servers, batch: readonly string[]) {
    this.#batch = batch;
    this.project = loaded.project;
    this.keyspace = loaded.project.id.replaceAll('-', '_');
    this.#folder = folder;
    this.#servers = servers;
    this.#own = own;
  }

  /**
   * The folder lies in the workspace, where its packages are found.
   * @param servers where its services find them
   * @param own where this process finds them, when another way
   * @param batch how the batch layer is started, beside what is said each time
   */
  static async make(servers: Servers, own = servers, batch: readonly string[] = QUICK): Promise<ServerProject> {
    const id = `e2e-${process.pid.toString(36)}-${Math.floor(Math.random() * 36 ** 5).toString(36)}`;
    const folder = path.join(WORKSPACE, '.cache', 'e2e', id);
    folders.add(folder);
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      path.join(folder, 'twofold.config.ts'),
      `import { project } from '@twofold/views';
import plant from '../../../examples/plant/twofold.config.ts';

export default project('${id}', { streams: plant.streams, views: plant.views, alarms: plant.alarms });
`,
    );
    return new ServerProject(folder, await loadProject(folder), servers, own, batch);
  }

  get archiveFolder(): string {
    return path.join(this.#folder, 'archive');
  }

  /** Starts one of the layers. */
  async start(
    command: ServiceCommand,
    more: readonly string[] = [],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<ServiceProcess> {
    const batch = command === 'batch' ? this.#batch : [];
    const started = new ServiceProcess(command, await freePort(), ['--project', this.#folder, ...batch, ...more], {
      ...this.#environment(`${command}-${this.processes.length}`),
      ...environment,
    });
    this.processes.push(started);
    return started;
  }

  /** `twofold send` of a file. */
  send(stream: string, file: string): Promise<Ended> {
    return runTwofold(['send', stream, file, '--project', this.#folder, '--json'], this.#environment('send'));
  }

  /** Another `twofold` command of the project. */
  run(...args: readonly string[]): Promise<Ended> {
    return runTwofold([...args, '--project', this.#folder], this.#environment('command'));
  }

  follow(): Promise<Platform> {
    return openToFollow(this.project, this.#values(), loggerOf(this.#values(), 'e2e'));
  }

  openToWrite(): Promise<WritablePlatform> {
    return openToWrite(this.project, this.#values(), loggerOf(this.#values(), 'e2e'));
  }

  topic(stream: string): string {
    return `${this.project.id}.${stream}`;
  }

  /** Waits until every answer holds what the log holds now; the milliseconds that took. */
  async fresh(platform: Platform, patienceMs = 180_000): Promise<number> {
    const begun = performance.now();
    const patience = AbortSignal.timeout(patienceMs);
    for (;;)
      try {
        await caughtUp(this.project, platform, patience);
        return performance.now() - begun;
      } catch (cause) {
        if (patience.aborted) throw new Error(`not fresh after ${patienceMs} ms\n${this.tails()}`, { cause });
        await platform.clock.sleep(100);
      }
  }

  /** Does the live release take something of every view from the archive? */
  async promoted({ store }: Platform): Promise<boolean> {
    const row = await store.control.read();
    if (row === null) return false;
    const live = liveRelease(row);
    return this.project.views.every((view) => {
      const origins = row.streams[view.stream.name]?.origins ?? [];
      const cut = entryOf(row, live, view.name)?.cut ?? [];
      return origins.some((origin, partition) => (cut[partition] ?? 0) > origin);
    });
  }

  /** Every window of every view of a stream, merged and by layer, beside the oracle's over the whole log. */
  async compare(platform: Platform, stream: string): Promise<Proof> {
    const topic = platform.topics.find((each) => each.stream.name === stream);
    if (topic === undefined) throw new Error(`the plant has no stream ${stream}`);
    const log = await readWholeLog(topic, platform.log);
    const views: Comparison[] = [];
    for (const view of this.project.views.filter((each) => each.stream.name === stream))
      views.push(await compareView(view, log, platform));
    return { applied: log.filter((record) => record.class === 'applied').length, views };
  }

  tails(): string {
    return this.processes.map((each) => each.tail()).join('\n');
  }

  /** Ends what runs and removes topics, keyspace and folder. */
  async remove(): Promise<void> {
    await Promise.all(this.processes.map((each) => each.kill('SIGKILL')));
    await this.dropKeyspace();
    await deleteTopics({ brokers: [this.#own.kafka] }, `${this.project.id}.`);
    this.removeFolder();
  }

  removeFolder(): void {
    folders.delete(this.#folder);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** How Cassandra is reached past the store's own handle. */
  get cassandra(): CassandraSettings {
    return {
      contactPoints: [this.#own.cassandra],
      localDataCenter: 'datacenter1',
      keyspace: this.keyspace,
      replication: { datacenter1: 1 },
      requestTimeoutMs: 60_000,
    };
  }

  dropKeyspace(): Promise<void> {
    return dropKeyspace(this.cassandra);
  }

  #values(): CliSettings {
    return settings.read({
      environment: this.#own.environment ?? {},
      flags: {
        kafkaBrokers: this.#own.kafka,
        cassandraContactPoints: this.#own.cassandra,
        cassandraKeyspace: this.keyspace,
        archiveFolder: this.archiveFolder,
        logLevel: 'error',
      },
    }).values;
  }

  /** @param process who has a data folder of its own, as on a machine of its own; the archive is shared */
  #environment(process: string): Record<string, string> {
    return {
      ...this.#servers.environment,
      TWOFOLD_KAFKA_BROKERS: this.#servers.kafka,
      TWOFOLD_CASSANDRA_CONTACT_POINTS: this.#servers.cassandra,
      TWOFOLD_CASSANDRA_KEYSPACE: this.keyspace,
      TWOFOLD_ARCHIVE_FOLDER: this.archiveFolder,
      TWOFOLD_DATA_FOLDER: path.join(this.#folder, process),
    };
  }
}
