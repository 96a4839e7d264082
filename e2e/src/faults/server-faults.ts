import type { OwnServer } from '../run-services.ts';
import { sleep } from '../until.ts';
import type { WireMode, WireProxy } from '../wire-proxy.ts';
import { between, type Fault, type Ground } from './ground.ts';

type Server = 'kafka' | 'cassandra';
const names = { kafka: 'the broker', cassandra: 'the Cassandra node' } as const;
/** Java starts anew, which takes up to a minute. */
const KILLS_A_ROUND = { kafka: 3, cassandra: 2 } as const;

const serverOf = (ground: Ground, server: Server): OwnServer => ground.servers[server];
const wireOf = ({ servers }: Ground, server: Server): WireProxy =>
  server === 'kafka' ? servers.kafkaWire : servers.cassandraWire;

const killed = (server: Server): Fault => ({
  kind: `${names[server]} killed -9`,
  weight: 1,
  atMost: KILLS_A_ROUND[server],
  strike: async (ground) => {
    await serverOf(ground, server).killNine();
    await sleep(between(ground.random, 200, 2_000));
    const upMs = await serverOf(ground, server).up();
    return `up again after ${(upMs / 1_000).toFixed(1)} s`;
  },
});

const stopped = (server: Server): Fault => ({
  kind: `${names[server]} stopped for a while`,
  weight: 1,
  strike: async (ground) => {
    serverOf(ground, server).signal('SIGSTOP');
    await sleep(between(ground.random, 500, 4_000));
    serverOf(ground, server).signal('SIGCONT');
  },
});

const wired = (server: Server, kind: string, mode: WireMode, forMs: readonly [number, number], delayMs = 0): Fault => ({
  kind: `${names[server]}: ${kind}`,
  weight: 2,
  strike: async (ground) => {
    wireOf(ground, server).set(mode, delayMs);
    await sleep(between(ground.random, ...forMs));
    wireOf(ground, server).set('OPEN');
  },
});

const cut = (server: Server): Fault => ({
  kind: `${names[server]}: every connection cut`,
  weight: 2,
  strike: async (ground) => wireOf(ground, server).cut(),
});

const faultsOf = (server: Server): readonly Fault[] => [
  killed(server),
  stopped(server),
  cut(server),
  wired(server, 'every byte late', 'DELAYED', [1_000, 3_000], 150),
  wired(server, 'nothing passes', 'STALLED', [500, 4_000]),
  wired(server, 'replies are swallowed', 'SWALLOWED', [300, 2_500]),
  wired(server, 'connections are refused', 'REFUSED', [500, 3_000]),
];

/** Faults of the servers and of the wires to them. */
export const serverFaults: readonly Fault[] = [...faultsOf('kafka'), ...faultsOf('cassandra')];
