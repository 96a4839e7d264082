import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/**
 * One connection that answers requests in turn: just enough to ask a server whether it is well, without its client.
 */
export class ByteSocket {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #wake: () => void = () => {};
  #failure: Error | undefined;

  private constructor(host: string, port: number, timeoutMs: number, tls: boolean) {
    // Whether a server is well is asked of servers that this tool started: their certificates say nothing more.
    this.#socket = tls ? connectTls({ host, port, rejectUnauthorized: false }) : connect({ host, port });
    this.#socket.setTimeout(timeoutMs, () => this.#socket.destroy(new Error('timed out')));
    this.#socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    this.#socket.on('error', (error) => {
      this.#failure = error;
    });
    this.#socket.on('close', () => {
      this.#failure ??= new Error('the connection was closed');
      this.#wake();
    });
  }

  static async open(host: string, port: number, timeoutMs: number, tls = false): Promise<ByteSocket> {
    const socket = new ByteSocket(host, port, timeoutMs, tls);
    await new Promise<void>((resolve, reject) => {
      socket.#socket.once(tls ? 'secureConnect' : 'connect', resolve);
      socket.#socket.once('close', () => {
        reject(socket.#failure ?? new Error('the connection was closed'));
      });
    });
    return socket;
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  async read(length: number): Promise<Buffer> {
    while (this.#received.length < length) {
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const bytes = this.#received.subarray(0, length);
    this.#received = this.#received.subarray(length);
    return bytes;
  }

  close(): void {
    this.#socket.destroy();
  }
}
