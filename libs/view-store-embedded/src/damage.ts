import { TwofoldError } from '@twofold/schemas';

/** Something read is not what was written. Becomes STORE_DAMAGED, with the file and what to do, in `storeFailure`. */
export class Damage extends TwofoldError<'DAMAGE'> {
  constructor(detail: string) {
    super('DAMAGE', detail);
  }
}

export function damagedRow(table: string, key: readonly (string | number | null)[]): Damage {
  return new Damage(`checksum of ${table} ${JSON.stringify(key)}`);
}
