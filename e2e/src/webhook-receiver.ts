import { createServer, type Server } from 'node:http';

export interface Delivery {
  readonly key: string;
  readonly body: string;
}

/** A local receiver of webhooks: keeps what it accepted, in order; while it is down it answers 503. */
export class WebhookReceiver {
  readonly #server: Server;
  readonly accepted: Delivery[] = [];
  refused = 0;
  down = false;
  /** Called at each acceptance, before it is answered. */
  onAccepted: () => void = () => undefined;

  constructor() {
    this.#server = createServer((incoming, answer) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => {
        if (this.down) {
          this.refused++;
          answer.writeHead(503).end();
          return;
        }
        this.accepted.push({
          key: String(incoming.headers['idempotency-key']),
          body: Buffer.concat(parts).toString(),
        });
        this.onAccepted();
        answer.writeHead(204).end();
      });
    });
  }

  /** Resolves with its address. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/alarms`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
