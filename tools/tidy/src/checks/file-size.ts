import type { Check } from '../check.ts';
import { isSource, isTest } from '../source-tree.ts';

const linesMax = 300;
const linesWanted = 200;

export const fileSize: Check = {
  name: 'file size',
  about: `no source file is longer than ${linesMax} lines`,
  run: (repository) =>
    repository.paths.filter(isSource).flatMap((path) => {
      const lines = repository.text(path).trimEnd().split('\n').length;
      const message = `has ${lines} lines; split it where a second reason to change begins`;
      if (lines > linesMax) return [{ path, message: `${message} (at most ${linesMax})` }];
      if (lines > linesWanted && !isTest(path))
        return [{ path, message: `${message} (wanted: ${linesWanted})`, warning: true }];
      return [];
    }),
};
