import type { TestProject } from 'vitest/node';
import { findKafka, services } from './kafka-service.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Null on a machine that can run no Kafka. */
    kafkaBrokers: readonly string[] | null;
  }
}

export default function setup(project: TestProject): () => void {
  project.provide('kafkaBrokers', findKafka());
  return () => {
    services('down', 'kafka', '--for', String(process.pid));
  };
}
