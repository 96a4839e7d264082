import { inject } from 'vitest';
import type {} from './global-setup.ts';
import { type KafkaLogOptions, KafkaLog } from '@twofold/event-log-kafka';
import { systemClock } from '@twofold/service';

/** Null when this machine can run no Kafka. */
export const brokers = inject('kafkaBrokers');

let made = 0;

/** Topics of this run, and of no other. */
export function freshPrefix(): string {
  return `t${process.pid}-${performance.timeOrigin.toString(36).replace('.', '')}-${(made += 1)}.`;
}

export function makeKafkaLog(options: Partial<KafkaLogOptions> = {}): KafkaLog {
  return new KafkaLog({ brokers: brokers ?? [], clock: systemClock(), topicPrefix: freshPrefix(), ...options });
}
