// @ts-check
// The first file of every npm script. Runs on any Node from 20 on, makes sure that the dependencies are there, and
// hands over to the workspace's own Node 24: better-sqlite3 and friends crash, and type stripping is missing, on 20.
import path from 'node:path';
import { ensureInstalled } from './install.mjs';
import { nodeOrAdvice } from './node-24.mjs';
import { runSteps } from './run-steps.mjs';
import { verbs } from './verbs.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const [name = '', ...args] = process.argv.slice(2);
const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;

if (verb === undefined) {
  const list = Object.entries(verbs).map(([key, { about }]) => `  ${key.padEnd(8)} ${about}`);
  console.error(`${name === '' ? 'No verb given.' : `Unknown verb "${name}".`} Known verbs:\n${list.join('\n')}`);
  process.exit(2);
}

if (!(await ensureInstalled(root))) process.exit(1);
const node = nodeOrAdvice(root);
if (typeof node !== 'string') {
  console.error(node.advice);
  process.exit(1);
}
process.exit(await runSteps(root, node, verb.steps, args));
