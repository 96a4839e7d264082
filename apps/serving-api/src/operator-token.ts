import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Is it the operator's token that a client shows? Compared in a time that says nothing of it; it is never kept or logged.
 * @param token null: nobody is an operator
 */
export function operatorCheck(token: string | null): (authorization: string | undefined) => boolean {
  const expected = token === null ? null : digest(token);
  return (authorization = '') => {
    const [, shown] = /^Bearer +(.+)$/i.exec(authorization) ?? [];
    return expected !== null && shown !== undefined && timingSafeEqual(digest(shown), expected);
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
