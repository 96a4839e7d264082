import { freePort } from '@twofold/service/testing';
import { OwnServer, removeWhenEnded, type Servers } from './run-services.ts';
import { WireProxy } from './wire-proxy.ts';

/** A Kafka and a Cassandra that may be killed, each behind a wire that may be bad. */
export interface OwnServers {
  readonly kafka: OwnServer;
  readonly cassandra: OwnServer;
  readonly kafkaWire: WireProxy;
  readonly cassandraWire: WireProxy;
  /** Where services find them: behind the wires. */
  readonly behindWires: Servers;
  /** Where who looks on finds them; Kafka sends everybody to its wire. */
  readonly direct: Servers;
  /** Stops them and removes their data. */
  remove(): Promise<void>;
}

const CASSANDRA_HEAP_MB = '768';

/** Starts both, one after the other; `told` hears of each, with the milliseconds that it took. */
export async function startOwnServers(told: (name: string, tookMs: number) => void): Promise<OwnServers> {
  const kafkaPort = await freePort();
  const kafkaWire = await WireProxy.listen(kafkaPort);
  const kafka = new OwnServer('kafka', kafkaPort, ['--kafka-advertise', kafkaWire.address.split(':')[1] ?? '']);
  const cassandra = new OwnServer('cassandra', await freePort(), ['--cassandra-heap', CASSANDRA_HEAP_MB]);
  const cassandraWire = await WireProxy.listen(cassandra.port);
  const remove = async (): Promise<void> => {
    for (const server of [kafka, cassandra]) await server.remove();
    for (const wire of [kafkaWire, cassandraWire]) await wire.close();
  };
  removeWhenEnded(remove);
  try {
    for (const server of [kafka, cassandra]) told(server.service, await server.up());
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    ...{ kafka, cassandra, kafkaWire, cassandraWire, remove },
    behindWires: { kafka: kafkaWire.address, cassandra: cassandraWire.address },
    direct: { kafka: kafkaWire.address, cassandra: cassandra.address },
  };
}
