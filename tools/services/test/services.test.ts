import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureCluster } from '../src/cluster.ts';
import { checkExternal } from '../src/external.ts';
import { findJava, javaFor } from '../src/find-java.ts';
import { withFolderLock } from '../src/folder-lock.ts';
import { installRuntime } from '../src/install-runtime.ts';
import { lastLines, launch, livePid, stop } from '../src/node-process.ts';
import { readOptions } from '../src/options.ts';
import { runServices } from '../src/run-services.ts';
import { artefactsOf, runtimes } from '../src/runtimes.ts';
import { addUser, removeUser } from '../src/users.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'services-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const said: string[] = [];
const say = (line: string): void => {
  said.push(line);
};

describe('the options of services', () => {
  it('name what is to be done, where, and with what', () => {
    const options = readOptions(['up', 'kafka', '--brokers', '3', '--data', 'x', '--kafka-port', '19092'], {}, folder);
    expect(options).toMatchObject({
      verb: 'up',
      services: ['kafka'],
      folder: path.join(folder, 'x'),
      kafka: { nodes: 3, port: 19_092, advertisedPort: undefined },
    });
    expect(readOptions(['up', '--kafka-advertise', '19093'], {}, folder).kafka.advertisedPort).toBe(19_093);
    expect(readOptions(['status'], { TWOFOLD_SERVICES_DATA: 'y' }, folder)).toMatchObject({
      services: ['kafka', 'cassandra'],
      folder: path.join(folder, 'y'),
    });
  });

  it('ask for TLS and passwords, of one node only, and for a commit log that is known', async () => {
    const data = ['--data', path.join(folder, 'secured')];
    expect(readOptions(['up', '--secured', ...data], {}, folder).secured).toBe(true);
    const three = readOptions(['up', 'kafka', '--secured', '--brokers', '3', ...data], {}, folder);
    await expect(ensureCluster(three, 'kafka')).rejects.toThrow(/secured cluster is one node/);
    const open = readOptions(['up', 'kafka', ...data], {}, folder);
    expect((await ensureCluster(open, 'kafka')).secured).toBe(false);
    const secured = readOptions(['up', 'kafka', '--secured', ...data], {}, folder);
    await expect(ensureCluster(secured, 'kafka')).rejects.toThrow(/made for everybody, and a secured one is wanted/);
    expect(() => readOptions(['up', '--cassandra-commitlog', 'never'], {}, folder)).toThrow(/takes batch or periodic/);
  });

  it.each([[['fly']], [['up', 'zookeeper']], [['up', '--brokers', 'many']], [['up', '--color', 'red']], [[]]])(
    'refuse %j with what can be said instead',
    (args) => {
      expect(() => readOptions(args, {}, folder)).toThrow(/--brokers|There is no service/);
    },
  );
});

describe('without what a server needs', () => {
  it('says which Java to install and what else would do', () => {
    const env = { PATH: folder };
    expect(findJava(env)).toBeNull();
    expect(() => javaFor(runtimes.cassandra, env)).toThrow(
      /needs Java 17; there is no Java here.*openjdk-17.*TWOFOLD_CASSANDRA/,
    );
  });

  it('says that Maven is missing, and that a repository may be named', async () => {
    const target = path.join(folder, 'no-maven');
    await expect(installRuntime(runtimes.kafka, target, { PATH: folder }, say)).rejects.toThrow(
      /Install it.*TWOFOLD_MAVEN_REPOSITORY/,
    );
  });

  it('refuses an artefact with another checksum, and keeps none of it', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end('not the artefact');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const target = path.join(folder, 'wrong');
    const env = { TWOFOLD_MAVEN_REPOSITORY: `http://127.0.0.1:${port}/maven` };
    await expect(installRuntime(runtimes.kafka, target, env, say)).rejects.toThrow(
      /has SHA-256 [0-9a-f]{64}; .*removed/,
    );
    expect(asked.every((url) => artefactsOf('kafka').some((each) => url === `/maven/${each.path}`))).toBe(true);
    await expect(readFile(path.join(target, 'complete'))).rejects.toThrow();
    await new Promise((resolve) => server.close(resolve));
  });

  it('pins every artefact by its checksum', () => {
    for (const name of ['kafka', 'cassandra'] as const) {
      const artefacts = artefactsOf(name);
      expect(artefacts.length).toBeGreaterThan(40);
      for (const { path: file, sha256 } of artefacts) {
        expect(sha256).toMatch(/^[0-9a-f]{64}$/);
        expect(file).toMatch(/^[\w./-]+\.jar$/);
      }
      expect(artefacts.some((each) => each.path.includes(`-${runtimes[name].version}.jar`))).toBe(true);
    }
  });
});

describe('a service that is there already', () => {
  it('is used, and not one that does not answer', async () => {
    const server = createTcpServer((socket) => {
      socket.on('data', (request) => {
        // Metadata v1: length, correlation id, three brokers.
        const answer = Buffer.alloc(12);
        answer.writeInt32BE(8, 0);
        request.copy(answer, 4, 8, 12);
        answer.writeInt32BE(3, 8);
        socket.write(answer);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const address = `127.0.0.1:1,127.0.0.1:${port}`;
    expect(await checkExternal('kafka', address)).toBe('3 brokers');
    const options = readOptions(['up', 'kafka', '--data', 'external'], {}, folder);
    const { result } = await runServices(options, { env: { TWOFOLD_KAFKA_BROKERS: address }, say });
    expect(result).toMatchObject([{ service: 'kafka', address, pids: null }]);
    await expect(checkExternal('cassandra', '127.0.0.1:1')).rejects.toThrow(
      /TWOFOLD_CASSANDRA_CONTACT_POINTS names 127/,
    );
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('a node of its own', () => {
  it('is known by its folder and not by a pid alone, and is stopped', async () => {
    const script = 'process.on("SIGTERM", () => {}); console.log("ready"); setInterval(() => {}, 1000)';
    // Stands for Java: takes the mark as the argument of a shell that becomes the program.
    const shell = path.join(folder, 'java');
    await writeFile(shell, `#!/bin/sh\nmark=$1\nshift\nexec "$@" "$mark"\n`, { mode: 0o755 });
    const pid = await launch(folder, { command: shell, args: [process.execPath, '-e', script, '--'], nice: 5 });
    while ((await lastLines(folder, 1)) !== 'ready') await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await livePid(folder)).toBe(pid);
    await writeFile(path.join(folder, 'pid'), String(process.pid));
    expect(await livePid(folder)).toBeNull();
    await writeFile(path.join(folder, 'pid'), String(pid));
    expect(await stop(folder, { patienceMs: 100 })).toBe(true);
    // Ended, though its parent, this process, may not have noticed yet.
    await writeFile(path.join(folder, 'pid'), String(pid));
    expect(await livePid(folder)).toBeNull();
    expect(await stop(folder, { patienceMs: 100 })).toBe(false);
  });

  it('is worked on by one command at a time, and a lock whose holder died is taken', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    const dead = child.pid ?? 0;
    await new Promise((resolve) => child.once('exit', resolve));
    const locked = path.join(folder, 'locked');
    await withFolderLock(locked, say, async () => writeFile(path.join(locked, 'lock', `${dead}-left`), ''));
    let inside = 0;
    const work = async (): Promise<void> => {
      inside += 1;
      expect(inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 20));
      inside -= 1;
    };
    await Promise.all([1, 2, 3, 4, 5, 6].map(async () => withFolderLock(locked, say, work)));
  });

  it('is left up while somebody living needs it', async () => {
    const service = path.join(folder, 'users-of');
    await addUser(service, process.pid);
    await addUser(service, 4_194_000);
    await addUser(service, process.ppid);
    expect(await removeUser(service, process.pid)).toBe(false);
    expect(await removeUser(service, process.ppid)).toBe(true);
    await addUser(service, undefined);
    expect(await removeUser(service, process.pid)).toBe(false);
  });
});

const wanted = process.env['TWOFOLD_TEST_SERVICES'] === '1' && findJava(process.env) !== null;
describe.skipIf(!wanted)('a real broker', () => {
  if (!wanted) console.log('SKIPPED: starting a real broker; TWOFOLD_TEST_SERVICES=1 runs it where there is Java');

  it(
    'is started once by two commands at the same time, tells its state, and is stopped and wiped',
    { timeout: 300_000 },
    async () => {
      const root = path.resolve(import.meta.dirname, '../../..');
      const args = ['kafka', '--data', path.join(folder, 'real'), '--kafka-port', '29292'];
      const env = { ...process.env };
      delete env['TWOFOLD_KAFKA_BROKERS'];
      const run = async (verb: string, ...more: string[]) =>
        runServices(readOptions([verb, ...args, ...more], env, root), { env, say });
      const [first, second] = await Promise.all([run('up'), run('up')]);
      expect(first).toEqual(second);
      expect(first?.result).toMatchObject([{ address: '127.0.0.1:29292', version: '4.4.0' }]);
      expect((await run('status')).result).toMatchObject([{ healthy: true }]);
      await expect(run('up', '--brokers', '3')).rejects.toThrow(/was made for 1 nodes, and 3 are wanted/);
      expect((await run('down', '--wipe')).code).toBe(0);
      expect(await run('status')).toMatchObject({ code: 3, result: [{ nodes: [] }] });
    },
  );
});
