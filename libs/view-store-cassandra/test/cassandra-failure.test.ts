import { StoreError } from '@twofold/view-store';
import { errors, types } from 'cassandra-driver';
import { expect, it } from 'vitest';
import { cassandraFailure, isOutcomeUnknown, openingFailure } from '../src/cassandra-failure.ts';

const { responseErrorCodes: codes } = types;
const response = (code: number): errors.ResponseError => new errors.ResponseError(code, 'said so');

it.each([
  ['not enough replicas', response(codes.unavailableException)],
  ['an overloaded node', response(codes.overloaded)],
  ['a write that timed out', response(codes.writeTimeout)],
  ['a read that timed out', response(codes.readTimeout)],
  ['no answer in time', new errors.OperationTimedOutError('late', 'node-a')],
  ['no node at all', new errors.NoHostAvailableError({ 'node-a': new TypeError('refused') })],
])('%s passes: it may be tried again', (_, error) => {
  expect(cassandraFailure(error)).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
});

it.each([
  ['a statement that the server does not know', response(codes.syntaxError)],
  ['a table that is not there', response(codes.invalid)],
  ['a missing permission', response(codes.unauthorized)],
  ['a wrong password', new errors.AuthenticationError('no')],
  [
    'a data centre that is not there',
    new errors.NoHostAvailableError({ a: new errors.ArgumentError('only found dc1') }),
  ],
  ['a wrong password on every node', new errors.NoHostAvailableError({ a: new errors.AuthenticationError('no') })],
])('%s does not pass by itself', (_, error) => {
  expect(cassandraFailure(error)).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: false });
});

it('takes a keyspace or table that is not there for one that somebody is making, only while a store is opened', () => {
  const gone = new errors.ResponseError(codes.invalid, 'table migrations does not exist');
  expect(openingFailure(gone)).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
  expect(cassandraFailure(gone)).toMatchObject({ retryable: false });
  expect(openingFailure(response(codes.syntaxError))).toMatchObject({ retryable: false });
});

it('leaves an error of the store and a bug as they are', () => {
  const own = new StoreError('STORE_CLOSED', 'closed');
  const bug = new TypeError('undefined is not a function');
  expect(cassandraFailure(own)).toBe(own);
  expect(cassandraFailure(bug)).toBe(bug);
});

it('calls the outcome unknown when the request may have been applied, and known when no node was asked', () => {
  const refused = Object.assign(new TypeError('refused'), { code: 'ECONNREFUSED' });
  const reset = Object.assign(new TypeError('reset'), { code: 'ECONNRESET' });
  for (const error of [
    response(codes.writeTimeout),
    response(0x1700),
    new errors.OperationTimedOutError('late'),
    new errors.NoHostAvailableError({ a: refused, b: reset }),
  ])
    expect(isOutcomeUnknown(error), error.message).toBe(true);
  for (const error of [
    response(codes.unavailableException),
    response(codes.invalid),
    new errors.NoHostAvailableError({ a: refused }),
    new errors.NoHostAvailableError({}),
  ])
    expect(isOutcomeUnknown(error), error.message).toBe(false);
});
