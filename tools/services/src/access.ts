import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ServicesError } from './errors.ts';

/** What a secured server lets in, and what it proves itself with. Such a server is for tests, and so is this. */
export interface Access {
  readonly username: string;
  readonly password: string;
  /** PEM file of the authority that clients have to trust. */
  readonly authority: string;
  /** PKCS #12, opened by `keyPassword`. */
  readonly keyStore: string;
  readonly keyPassword: string;
}

const days = '3650';

/** Where the passwords of a secured node are, readable by its owner alone. */
export function accessPath(nodeFolder: string): string {
  return path.join(nodeFolder, 'access.json');
}

/**
 * Makes key, certificate and passwords of a node, once. The certificate signs itself: it is the authority too.
 * @param java its `keytool` lies beside it
 * @param user whom the server lets in when it is new; undefined where it takes any: then one with a password of its own
 */
export async function ensureAccess(
  nodeFolder: string,
  java: string,
  user?: { readonly username: string; readonly password: string },
): Promise<Access> {
  const file = accessPath(nodeFolder);
  if (!existsSync(file)) {
    await mkdir(nodeFolder, { recursive: true });
    const access: Access = {
      ...(user ?? { username: 'twofold', password: newPassword() }),
      authority: path.join(nodeFolder, 'authority.pem'),
      keyStore: path.join(nodeFolder, 'keys.p12'),
      keyPassword: newPassword(),
    };
    makeKey(java, access);
    await writeFile(file, JSON.stringify(access), { mode: 0o600 });
  }
  return readAccess(nodeFolder);
}

/** @throws ServicesError when the node has none */
export async function readAccess(nodeFolder: string): Promise<Access> {
  const file = accessPath(nodeFolder);
  const read: unknown = JSON.parse(await readFile(file, 'utf8').catch(() => 'null'));
  if (isAccess(read)) return read;
  throw new ServicesError(`${file} can not be read; remove the data by "down --wipe" and begin anew`);
}

const newPassword = (): string => randomBytes(18).toString('hex');

function makeKey(java: string, { keyStore, keyPassword, authority }: Access): void {
  const store = ['-keystore', keyStore, '-storetype', 'PKCS12', '-storepass', keyPassword, '-alias', 'node'];
  // Of two authorities of one name a client would look at the first only.
  const name = `CN=twofold services ${randomBytes(4).toString('hex')}`;
  const names = ['-dname', name, '-ext', 'san=ip:127.0.0.1,dns:localhost'];
  keytool(java, ['-genkeypair', '-keyalg', 'EC', '-groupname', 'secp256r1', '-validity', days, ...names, ...store]);
  keytool(java, ['-exportcert', '-rfc', '-file', authority, ...store]);
}

function keytool(java: string, args: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(path.join(path.dirname(java), 'keytool'), [...args], {
    encoding: 'utf8',
  });
  if (status === 0) return;
  const why = error?.message ?? `${stdout}${stderr}`.trim();
  throw new ServicesError(`A key could not be made by Java's keytool: ${why}`);
}

function isAccess(value: unknown): value is Access {
  if (typeof value !== 'object' || value === null) return false;
  const names = ['username', 'password', 'authority', 'keyStore', 'keyPassword'];
  return names.every((name) => typeof Reflect.get(value, name) === 'string');
}
