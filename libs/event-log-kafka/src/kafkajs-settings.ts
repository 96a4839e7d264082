import type { KafkaConfig } from 'kafkajs';
import type { KafkaConnection } from './kafka-options.ts';

const connectTimeoutMs = 5_000;
const requestTimeoutMs = 30_000;

/** OAuth tokens are asked for by the library whenever a connection has to prove itself again. */
type Settings = Pick<KafkaConfig, 'brokers' | 'clientId' | 'ssl' | 'sasl' | 'connectionTimeout' | 'requestTimeout'>;

/** What of the client library's settings is about connections. */
export function connectionSettings(options: KafkaConnection): Settings {
  const { brokers, clientId = 'twofold', tls, sasl } = options;
  return {
    brokers: [...brokers],
    clientId,
    connectionTimeout: options.connectTimeoutMs ?? connectTimeoutMs,
    requestTimeout: options.requestTimeoutMs ?? requestTimeoutMs,
    ...(tls === undefined ? {} : { ssl: tls }),
    ...(sasl === undefined ? {} : { sasl: saslOf(sasl) }),
  };
}

function saslOf(sasl: NonNullable<KafkaConnection['sasl']>): NonNullable<KafkaConfig['sasl']> {
  if (sasl.mechanism === 'oauthbearer') {
    return { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await sasl.token() }) };
  }
  const { username, password } = sasl;
  switch (sasl.mechanism) {
    case 'plain':
      return { mechanism: 'plain', username, password };
    case 'scram-sha-256':
      return { mechanism: 'scram-sha-256', username, password };
    case 'scram-sha-512':
      return { mechanism: 'scram-sha-512', username, password };
  }
}
