import { LogError } from '@twofold/event-log';

/** Error codes of the protocol that mean something to us. */
export const protocolError = {
  none: 0,
  offsetOutOfRange: 1,
  unknownTopicOrPartition: 3,
  leaderNotAvailable: 5,
  notLeader: 6,
  topicAuthorizationFailed: 29,
  unknownTopicId: 100,
} as const;

/** The partition may be elsewhere, or soon there: look where it is and ask again. */
const moving = new Set([5, 6, 7, 8, 9, 13, 56, 74, 75, 76, 78]);

export function isMoving(code: number): boolean {
  return moving.has(code);
}

/** A refusal that no further try mends. */
export function refusedByBroker(what: string, code: number): LogError {
  const why =
    code === protocolError.topicAuthorizationFailed ? 'these credentials may not do it' : `Kafka's error code ${code}`;
  return new LogError('LOG_IO', `${what}: the broker refused it, ${why}`, { facts: { kafkaErrorCode: code } });
}

/** What the client threw, in one of the log's errors; one of ours is passed on as it is. */
export function kafkaFailure(what: string, error: unknown): LogError {
  if (error instanceof LogError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const type = error instanceof Error && 'type' in error && typeof error.type === 'string' ? error.type : undefined;
  const wantsCredentials = /SASL|authenticat|certificate|self.signed/i.test(`${type ?? ''} ${text}`);
  const advice = wantsCredentials
    ? ': check the credentials and certificates of the connection to Kafka'
    : '; is a broker up at the configured addresses, and are TLS and credentials set as it wants them?';
  const advised = wantsCredentials || (type === undefined && isConnectionError(error));
  return new LogError('LOG_IO', `${what}: ${text}${advised ? advice : ''}`, {
    retryable: !wantsCredentials,
    facts: type === undefined ? {} : { kafkaErrorType: type },
    cause: error,
  });
}

/** Nobody answered, or the connection broke: the request may be made again elsewhere. */
export function isConnectionError(error: unknown): boolean {
  const name = error instanceof Error ? error.name : '';
  return /^KafkaJS(Connection|RequestTimeout|BrokerNotFound|LockTimeout|NumberOfRetries|SASL)/.test(name);
}

/** May the same call succeed later? */
export function isRetryable(error: unknown): boolean {
  return error instanceof LogError && error.retryable;
}
