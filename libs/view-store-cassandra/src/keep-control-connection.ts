import type { Clock } from '@twofold/service';
import type { Client } from 'cassandra-driver';

/** The other search is given so long to succeed. */
const againMs = 1_000;

/** What of the driver's control connection is spoken of here; it is not part of its published interface. */
interface ControlConnection {
  connection: object | null;
  _isShuttingDown: boolean;
  _refresh(plan?: unknown): Promise<void>;
}

const isControlConnection = (value: unknown): value is ControlConnection =>
  typeof value === 'object' && value !== null && '_refresh' in value && typeof value._refresh === 'function';

/**
 * When its connection breaks twice in a row, the driver (4.10.0) looks for another one twice at once; the first search
 * then fails on what the second has reset, where nobody can catch it, and the process would end. Here that failure is
 * caught, and the search is made again unless the other one has succeeded.
 */
export function keepControlConnection(client: Client, clock: Clock): void {
  const control: unknown = Reflect.get(client, 'controlConnection');
  if (!isControlConnection(control)) return;
  const search = control._refresh.bind(control);
  control._refresh = async (plan) => {
    try {
      await search(plan);
    } catch {
      await clock.sleep(againMs);
      if (control.connection === null && !control._isShuttingDown) await control._refresh();
    }
  };
}
