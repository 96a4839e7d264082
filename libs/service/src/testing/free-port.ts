import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * A port on which nobody listens now, nor at the one a thousand above, which servers take for their own. Below those that
 * the system gives to outgoing connections. Drawn, so that two who ask at once hardly ever get the same.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 30_000);
    if ((await canListen(port)) && (await canListen(port + 1_000))) return port;
  }
}

/** Does nobody listen on a port of this machine? */
export function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
