import { describe, expect, it } from 'vitest';
import { kafkajsLogging } from '../src/kafkajs-logging.ts';
import { connectionSettings } from '../src/kafkajs-settings.ts';

describe('the connection to Kafka', () => {
  it('takes TLS and every kind of SASL from the settings', async () => {
    const brokers = ['a:9093'];
    const tls = { ca: 'authority', servername: 'kafka' };
    expect(connectionSettings({ brokers, tls })).toMatchObject({ brokers, ssl: tls, clientId: 'twofold' });
    expect(connectionSettings({ brokers })).not.toHaveProperty('ssl');
    for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const) {
      const sasl = { mechanism, username: 'user', password: 'secret' };
      expect(connectionSettings({ brokers, tls: true, sasl })).toMatchObject({ ssl: true, sasl });
    }
    const { sasl } = connectionSettings({ brokers, sasl: { mechanism: 'oauthbearer', token: async () => 'jwt' } });
    const provider = sasl !== undefined && 'oauthBearerProvider' in sasl ? sasl.oauthBearerProvider : undefined;
    expect(await provider?.()).toEqual({ value: 'jwt' });
  });

  it('logs what the client says without what may be secret', () => {
    const said: string[] = [];
    const hear = (message: string, facts?: object): void => {
      said.push(JSON.stringify({ message, ...facts }));
    };
    const { level, logCreator } = kafkajsLogging({ debug: hear, info: hear, warn: hear, error: hear });
    logCreator(level)({
      namespace: 'Connection',
      level,
      label: 'ERROR',
      log: {
        timestamp: '',
        logger: 'kafkajs',
        message: 'no',
        broker: 'a:1',
        sasl: { password: 'secret' },
        payload: 'secret',
      },
    });
    expect(said).toEqual([JSON.stringify({ message: 'kafka client, Connection: no', broker: 'a:1' })]);
  });
});
