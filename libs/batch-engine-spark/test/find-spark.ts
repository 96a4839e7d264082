import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { sparkIn, type SparkInstall } from '@twofold/batch-engine-spark';

const root = path.resolve(import.meta.dirname, '../../..');
const fetched = path.join(root, '.cache/services/artefacts/spark-4.3.0');

/** What the tests run on: Java, a Python, and a Spark that is there; null, said once, where one of them is missing. */
export const spark = findSpark();

function findSpark(): { readonly install: SparkInstall; readonly python: string } | null {
  const python = process.env['TWOFOLD_SPARK_PYTHON'] ?? 'python3';
  const skip = (why: string): null => {
    console.log(`SKIPPED: the tests on a real Spark; ${why}`);
    return null;
  };
  const named = process.env['TWOFOLD_SPARK_HOME'];
  if (named === undefined && process.env['TWOFOLD_TEST_SERVICES'] !== '1')
    return skip(
      'TWOFOLD_TEST_SERVICES=1 fetches one and runs them (Java 17, Python, pip), TWOFOLD_SPARK_HOME names one',
    );
  if (spawnSync('java', ['-version']).status !== 0) return skip('there is no Java here');
  if (spawnSync(python, ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))']).status !== 0)
    return skip(`${python} is no Python from 3.10 on`);
  if (named === undefined) fetchSpark();
  const install = sparkIn(named ?? fetched);
  return install === null ? skip(`there is none in ${named ?? fetched}`) : { install, python };
}

function fetchSpark(): void {
  const services = ['--conditions=@twofold/source', path.join(root, 'tools/services/src/main.ts'), 'up', 'spark'];
  const { status, stderr } = spawnSync(process.execPath, services, { cwd: root, encoding: 'utf8' });
  if (status !== 0) console.log(stderr);
}
