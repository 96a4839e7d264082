import { ByteSocket } from './byte-socket.ts';

/** Frames of the native protocol, version 4. */
const opcode = {
  ...{ error: 0x00, startup: 0x01, ready: 0x02, authenticate: 0x03, query: 0x07, result: 0x08 },
  ...{ authResponse: 0x0f, authSuccess: 0x10 },
} as const;

const timeoutMs = 5_000;

export interface CassandraHealth {
  /** Null when the server wants to know who asks. */
  readonly version: string | null;
  /** The other nodes that this one knows. */
  readonly peers: number;
}

/** Rejects when the node does not answer CQL. */
export async function cassandraHealth(
  host: string,
  port: number,
  user: CassandraUser | null = null,
): Promise<CassandraHealth> {
  const socket = await ByteSocket.open(host, port, timeoutMs, user !== null);
  try {
    const started = await ask(socket, opcode.startup, Buffer.concat([shorts(1), text('CQL_VERSION'), text('3.0.0')]));
    if (started.code === opcode.authenticate) {
      if (user === null) return { version: null, peers: 0 };
      await logIn(socket, user);
    } else if (started.code !== opcode.ready) throw new Error(`no Cassandra answered at ${host}:${port}`);
    const local = await query(socket, 'SELECT release_version FROM system.local');
    const peers = await query(socket, 'SELECT release_version FROM system.peers');
    return { version: local[0] ?? null, peers: peers.length };
  } finally {
    socket.close();
  }
}

/** Who asks, over TLS. */
export interface CassandraUser {
  readonly username: string;
  readonly password: string;
}

async function logIn(socket: ByteSocket, { username, password }: CassandraUser): Promise<void> {
  const token = Buffer.from(`\0${username}\0${password}`);
  const length = Buffer.alloc(4);
  length.writeInt32BE(token.length, 0);
  const { code } = await ask(socket, opcode.authResponse, Buffer.concat([length, token]));
  if (code !== opcode.authSuccess) throw new Error(`Cassandra does not let ${username} in yet`);
}

async function ask(socket: ByteSocket, code: number, body: Buffer): Promise<{ code: number; body: Buffer }> {
  const header = Buffer.from([4, 0, 0, 0, code, 0, 0, 0, 0]);
  header.writeInt32BE(body.length, 5);
  socket.write(Buffer.concat([header, body]));
  const answer = await socket.read(9);
  return { code: answer.readUInt8(4), body: await socket.read(answer.readInt32BE(5)) };
}

/** The values of a query for one text column, at consistency ONE. */
async function query(socket: ByteSocket, cql: string): Promise<string[]> {
  const length = Buffer.alloc(4);
  length.writeInt32BE(Buffer.byteLength(cql), 0);
  const { code, body } = await ask(
    socket,
    opcode.query,
    Buffer.concat([length, Buffer.from(cql), shorts(1), Buffer.from([0])]),
  );
  if (code !== opcode.result) throw new Error(`Cassandra refused "${cql}"`);
  // Kind, flags, number of columns, keyspace, table, then each column's name and type: one column of type varchar.
  let at = 12;
  for (let part = 0; part < 3; part++) at += 2 + body.readUInt16BE(at);
  at += 2;
  const rows = body.readInt32BE(at);
  at += 4;
  return Array.from({ length: rows }, () => {
    const size = body.readInt32BE(at);
    const value = body.toString('utf8', at + 4, at + 4 + Math.max(0, size));
    at += 4 + Math.max(0, size);
    return value;
  });
}

function shorts(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value, 0);
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.concat([shorts(Buffer.byteLength(value)), Buffer.from(value)]);
}
