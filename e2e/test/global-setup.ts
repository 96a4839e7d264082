import { runServices, type Servers } from '@twofold/e2e';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Null where the tests over real servers are not asked for. */
    servers: Servers | null;
  }
}

/** The servers that those of TWOFOLD_TEST_SERVICES share: started when they are not there, left when others need them. */
export default async function setup(project: TestProject): Promise<(() => Promise<unknown>) | undefined> {
  if (process.env['TWOFOLD_TEST_SERVICES'] !== '1') {
    project.provide('servers', null);
    return undefined;
  }
  const found = await runServices(['up', '--for', String(process.pid)]);
  const addressOf = (service: string): string => found.find((each) => each.service === service)?.address ?? '';
  project.provide('servers', { kafka: addressOf('kafka'), cassandra: addressOf('cassandra') });
  return () => runServices(['down', '--for', String(process.pid)]);
}
