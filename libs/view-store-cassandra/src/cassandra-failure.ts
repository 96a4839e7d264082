import { isTwofoldError } from '@twofold/schemas';
import { StoreError } from '@twofold/view-store';
import { errors, types } from 'cassandra-driver';

const { responseErrorCodes: codes } = types;

/** What the cluster answered or failed to, as one of the store's errors; what is no failure of the driver stays itself. */
export function cassandraFailure(error: unknown): unknown {
  if (isTwofoldError(error)) return error;
  if (error instanceof errors.AuthenticationError) return refused(error);
  if (error instanceof errors.NoHostAvailableError) return fromHosts(error);
  if (error instanceof errors.ResponseError) return fromResponse(error);
  if (error instanceof errors.OperationTimedOutError || error instanceof errors.BusyConnectionError)
    return unavailable(error, true);
  return error instanceof errors.DriverError ? unavailable(error, false) : error;
}

/** The same while a store is opened: others may be making the keyspace, and a node may not have heard of it yet. */
export function openingFailure(error: unknown): unknown {
  const known = cassandraFailure(error);
  if (!(error instanceof errors.ResponseError) || !/(not|n't) exist|already exist|unconfigured/i.test(error.message))
    return known;
  return unavailable(error, true);
}

/** No node could serve; the reason is in what each of them said. */
function fromHosts(error: errors.NoHostAvailableError): StoreError {
  const inner: unknown[] = Object.values(error.innerErrors as Record<string, unknown>);
  const denied = inner.find((each) => each instanceof errors.AuthenticationError);
  if (denied !== undefined) return refused(denied);
  // A data centre that is not there: the nodes were reached, and the driver refused its settings.
  const wrong = inner.find((each) => each instanceof errors.ArgumentError);
  if (wrong !== undefined) return unusable(wrong);
  const distrusted = inner.find((each) => each instanceof Error && /certificate|self.signed/i.test(each.message));
  if (distrusted instanceof Error) return untrusted(distrusted);
  return unavailable(error, true);
}

function fromResponse(error: errors.ResponseError): StoreError {
  if (denials.has(error.code)) return refused(error);
  return unavailable(error, passing.has(error.code));
}

/** What the server says when it is overloaded, starting, or without enough replicas: it passes. */
const passing: ReadonlySet<number> = new Set([
  codes.serverError,
  codes.unavailableException,
  codes.overloaded,
  codes.isBootstrapping,
  codes.writeTimeout,
  codes.readTimeout,
  codes.readFailure,
  codes.writeFailure,
]);
const denials: ReadonlySet<number> = new Set([codes.unauthorized, codes.badCredentials]);

/** True when the request may have been applied, may be applied yet, or may not. */
export function isOutcomeUnknown(error: unknown): boolean {
  if (error instanceof errors.OperationTimedOutError) return true;
  if (error instanceof errors.ResponseError) return unknownOutcomes.has(error.code);
  if (!(error instanceof errors.NoHostAvailableError))
    return error instanceof errors.DriverError || isSocketError(error);
  // A node that was never asked has done nothing; one whose connection broke may have.
  const inner: unknown[] = Object.values(error.innerErrors as Record<string, unknown>);
  return inner.some((each) => !(each instanceof errors.BusyConnectionError) && !isConnectRefused(each));
}

/** Protocol v5's code for a compare-and-set that reached some replicas only; the driver has no name for it. */
const casWriteUnknown = 0x1700;
const unknownOutcomes: ReadonlySet<number> = new Set([
  codes.writeTimeout,
  codes.writeFailure,
  codes.serverError,
  casWriteUnknown,
]);

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
const isSocketError = (error: unknown): boolean => ['ECONNRESET', 'EPIPE', 'ETIMEDOUT'].includes(String(codeOf(error)));
const isConnectRefused = (error: unknown): boolean => ['ECONNREFUSED', 'EHOSTUNREACH'].includes(String(codeOf(error)));

function unavailable(cause: Error, retryable: boolean): StoreError {
  return new StoreError(
    'STORE_UNAVAILABLE',
    retryable
      ? `Cassandra did not answer in time, or not enough of its nodes are up, or they want TLS (${cause.message}); it is tried again`
      : `Cassandra refused a request (${cause.message}); check that this program and the keyspace's migrations are of one version`,
    { cause, retryable },
  );
}

function unusable(cause: Error): StoreError {
  return new StoreError(
    'STORE_UNAVAILABLE',
    `the Cassandra settings do not fit the cluster: ${cause.message.split('\n')[0] ?? ''}`,
    { cause },
  );
}

function untrusted(cause: Error): StoreError {
  return new StoreError(
    'STORE_UNAVAILABLE',
    `a Cassandra node's certificate is not trusted (${cause.message}); name the authority that signed it, and see that it bears the address that the node is reached at`,
    { cause },
  );
}

function refused(cause: Error): StoreError {
  return new StoreError(
    'STORE_UNAVAILABLE',
    `Cassandra refused the credentials or lacks a permission for them (${cause.message}); set username and password, and grant the role CREATE, ALTER, SELECT and MODIFY on the keyspace`,
    { cause },
  );
}
