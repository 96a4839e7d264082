import { ByteSocket } from './byte-socket.ts';

const metadataKey = 3;
const clientId = 'twofold-services';

/** How many brokers the cluster at the address knows, asked by Metadata v1 without topics. Rejects when it is not well. */
export async function kafkaBrokers(host: string, port: number, timeoutMs = 3_000): Promise<number> {
  const name = Buffer.from(clientId);
  const request = Buffer.alloc(4 + 2 + 2 + 4 + 2 + name.length + 4);
  let at = request.writeInt32BE(request.length - 4, 0);
  at = request.writeInt16BE(metadataKey, at);
  at = request.writeInt16BE(1, at);
  at = request.writeInt32BE(1, at);
  at = request.writeInt16BE(name.length, at);
  at += name.copy(request, at);
  request.writeInt32BE(0, at);
  const socket = await ByteSocket.open(host, port, timeoutMs);
  try {
    socket.write(request);
    const length = (await socket.read(4)).readInt32BE(0);
    if (length < 8 || length > 1_000_000) throw new Error(`no Kafka answered at ${host}:${port}`);
    return (await socket.read(length)).readInt32BE(4);
  } finally {
    socket.close();
  }
}
