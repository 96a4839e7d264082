import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { sleep } from './until.ts';

/**
 * How bytes pass from now on. DELAYED: later, in order. STALLED: not at all, but connections stay. SWALLOWED: requests
 * reach the server, its replies nobody. REFUSED: connections end as soon as they are made.
 */
export type WireMode = 'OPEN' | 'DELAYED' | 'STALLED' | 'SWALLOWED' | 'REFUSED';

interface Line {
  readonly client: Socket;
  readonly server: Socket;
  /** Bytes were lost: what follows would be taken for something else. */
  torn: boolean;
}

/** Stands between clients and a server that sends them here, and does to their bytes what a bad network does. */
export class WireProxy {
  readonly #server: Server;
  readonly #target: number;
  readonly #lines = new Set<Line>();
  #mode: WireMode = 'OPEN';
  #delayMs = 0;
  /** Resolves when bytes pass again. */
  #open = Promise.resolve();
  #release: () => void = () => {};

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  /** @param target the server's port on this machine */
  static async listen(target: number, port = 0): Promise<WireProxy> {
    const proxy = new WireProxy(target);
    proxy.#server.listen(port, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  set(mode: WireMode, delayMs = 0): void {
    this.#mode = mode;
    this.#delayMs = mode === 'DELAYED' ? delayMs : 0;
    if (mode === 'REFUSED') this.cut();
    this.#release();
    if (mode === 'STALLED') this.#open = new Promise((resolve) => (this.#release = resolve));
    else for (const line of this.#lines) if (line.torn) end(line);
  }

  /** Ends every connection; new ones are taken. */
  cut(): void {
    for (const line of this.#lines) end(line);
  }

  async close(): Promise<void> {
    this.set('OPEN');
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    if (this.#mode === 'REFUSED') {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const line: Line = { client, server: connect(this.#target, '127.0.0.1'), torn: false };
    this.#lines.add(line);
    for (const [from, to] of [
      [client, line.server],
      [line.server, client],
    ] as const) {
      from.setNoDelay(true);
      from.on('error', () => end(line));
      from.on('close', () => {
        end(line);
        this.#lines.delete(line);
      });
      this.#pass(line, from, to);
    }
  }

  #pass(line: Line, from: Socket, to: Socket): void {
    let before = Promise.resolve();
    from.on('data', (bytes: Buffer) => {
      if (this.#mode === 'SWALLOWED' && from === line.server) {
        line.torn = true;
        return;
      }
      const dueAt = performance.now() + this.#delayMs;
      before = before.then(async () => {
        const earlyMs = dueAt - performance.now();
        if (earlyMs > 0) await sleep(earlyMs);
        await this.#open;
        if (!to.destroyed) to.write(bytes);
      });
    });
  }
}

function end({ client, server }: Line): void {
  client.destroy();
  server.destroy();
}
