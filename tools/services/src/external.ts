import { cassandraHealth } from './cassandra-probe.ts';
import { ServicesError } from './errors.ts';
import { addressVariable } from './find-java.ts';
import { kafkaBrokers } from './kafka-probe.ts';
import { type ServiceName, runtimes } from './runtimes.ts';

const usualPort = { kafka: 9092, cassandra: 9042 } as const;

/** A service that somebody else runs, as the environment names it; null when it names none. */
export function externalAddress(service: ServiceName, env: NodeJS.ProcessEnv): string | null {
  const address = env[addressVariable[service]]?.trim() ?? '';
  return address === '' ? null : address;
}

/**
 * Says what answers at the first address that does.
 * @throws ServicesError when none does. A server that wants TLS or a name first counts as there.
 */
export async function checkExternal(service: ServiceName, address: string): Promise<string> {
  const failures: string[] = [];
  for (const each of address.split(',')) {
    const [host = '', port = ''] = each.trim().split(/:(?=\d+$)/);
    const number = port === '' ? usualPort[service] : Number(port);
    try {
      if (service === 'kafka') return `${await kafkaBrokers(host, number)} brokers`;
      return `version ${(await cassandraHealth(host, number)).version ?? 'not told before authentication'}`;
    } catch (error) {
      failures.push(`${host}:${number}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (failures.some((each) => /closed|timed out/.test(each))) {
    return 'it takes connections, and wants TLS or credentials to say more';
  }
  throw new ServicesError(
    `${addressVariable[service]} names ${address}, where no ${runtimes[service].name} answers: ${failures.join('; ')}`,
  );
}
