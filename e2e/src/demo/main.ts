import { clusterDemo } from './cluster-demo.ts';

const known = ['--once'];
const unknown = process.argv.slice(2).find((argument) => !known.includes(argument));
if (unknown === undefined) process.exitCode = await clusterDemo({ once: process.argv.includes('--once') });
else {
  process.stderr.write(`${unknown} is not known. npm run demo:cluster [-- --once]: with --once it ends by itself.\n`);
  process.exitCode = 2;
}
process.exit();
