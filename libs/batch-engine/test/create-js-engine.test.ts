import { ArchiveError, type ArchivedColumns } from '@twofold/archive';
import { createJsEngine, type SourceFile } from '@twofold/batch-engine';
import { archivedColumnsOf, batchEngineContract, sourceOf } from '@twofold/batch-engine/testing';

batchEngineContract('the JS engine', () => {
  const stored = new Map<string, ArchivedColumns>();
  const engine = createJsEngine(({ path }) => {
    const columns = stored.get(path);
    if (columns !== undefined) return Promise.resolve(columns);
    return Promise.reject(new ArchiveError('FILE_MISSING', `there is no ${path}`));
  });
  return Promise.resolve({
    engine,
    makeSource: (stream, files) => {
      const sources = files.map((file): SourceFile => {
        const path = `file-${stored.size}`;
        stored.set(path, archivedColumnsOf(stream, file));
        return sourceOf(path, file);
      });
      return Promise.resolve(sources);
    },
    dispose: () => engine.close(),
  });
});
