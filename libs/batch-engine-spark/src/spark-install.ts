import { existsSync, globSync } from 'node:fs';
import path from 'node:path';

/** Where a Spark is, for the driver's Python. */
export interface SparkInstall {
  readonly sparkHome: string | null;
  readonly pythonPath: readonly string[];
}

/**
 * A Spark in a folder: a distribution, or where pip has put `pyspark`. Null: there is none in it. Without a folder, the
 * Python is left to find what it has.
 */
export function sparkIn(folder: string | null): SparkInstall | null {
  if (folder === null) return { sparkHome: null, pythonPath: [] };
  const absolute = path.resolve(folder);
  const python = path.join(absolute, 'python');
  if (existsSync(path.join(python, 'pyspark')))
    return { sparkHome: absolute, pythonPath: [python, ...globSync(path.join(python, 'lib', 'py4j-*.zip'))] };
  const [library, home] =
    path.basename(absolute) === 'pyspark'
      ? [path.dirname(absolute), absolute]
      : [absolute, path.join(absolute, 'pyspark')];
  return existsSync(path.join(home, 'jars')) ? { sparkHome: home, pythonPath: [library] } : null;
}
