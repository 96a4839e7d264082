import { parseArgs } from 'node:util';
import { runSeeds } from './run-seeds.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    raised: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    bugs: { type: 'boolean', default: false },
  },
});

process.exitCode = await runSeeds({
  from: Number(values.from),
  seeds: Number(values.seeds),
  raised: values.raised,
  trace: values.trace,
});
