import { parseArgs } from 'node:util';
import { ENGINES } from './engines.ts';
import { runCases } from './run-cases.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    engine: { type: 'string', multiple: true, default: ['duckdb'] },
  },
});

const [cases, seed, from] = [values.cases, values.seed, values.from].map(Number);
const unknown = values.engine.filter((name) => !(name in ENGINES));
if (![cases, seed, from].every((value) => Number.isSafeInteger(value)) || unknown.length > 0) {
  console.error(
    `--cases, --seed and --from are whole numbers; --engine is one of: ${Object.keys(ENGINES).join(', ')}.`,
  );
  process.exit(2);
}
const failed = await runCases({
  cases: cases ?? 0,
  seed: seed ?? 0,
  from: from ?? 0,
  // Spark takes most of a job's time to plan it, on one core.
  atOnce: values.engine.includes('spark') ? 3 : 1,
  engines: Object.fromEntries(Object.entries(ENGINES).filter(([name]) => values.engine.includes(name))),
  print: (line) => console.log(line),
});
process.exit(failed === 0 ? 0 : 1);
