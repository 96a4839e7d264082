import path from 'node:path';
import { ServicesError } from './errors.ts';
import { readOptions, usage } from './options.ts';
import { runServices } from './run-services.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const args = process.argv.slice(2);

if (args.includes('--help')) {
  console.log(usage);
} else {
  try {
    const options = readOptions(args, process.env, root);
    const { code, result } = await runServices(options, {
      env: process.env,
      say: (line) => {
        console.error(line);
      },
    });
    if (options.json) console.log(JSON.stringify(result));
    process.exitCode = code;
  } catch (error) {
    if (!(error instanceof ServicesError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
