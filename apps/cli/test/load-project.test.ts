import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadProject } from '../src/load-project.ts';

/** In the workspace, where its packages are found. */
const root = path.resolve(import.meta.dirname, `../../../.cache/load-project-${process.pid}`);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const streams = `import { instant, int, stream, text } from '@twofold/schemas';
export const readings = stream('readings', {
  fields: { sensor: text(), at: instant('ms'), value: int() }, id: ['sensor', 'at'], eventTime: 'at',
});
export const other = stream('other', { fields: { at: instant('ms') }, id: ['at'], eventTime: 'at' });
`;
const viewOf = (
  name: string,
  of = 'readings',
  version = 1,
): string => `import { count, tumbling, view } from '@twofold/views';
import { ${of} } from '../streams.ts';
export const ${name} = view('${name}', {
  from: ${of}, version: ${version}, dimensions: () => ({}), window: tumbling('1m'), measures: () => ({ events: count() }),
  levels: { '1m': 'forever' }, serve: [{ key: [] }],
});
export const note = { name: 'no view' };
`;

function folderWith(name: string, files: Readonly<Record<string, string>>, config: string): string {
  const folder = path.join(root, name);
  mkdirSync(path.join(folder, 'views'), { recursive: true });
  writeFileSync(path.join(folder, 'streams.ts'), streams);
  writeFileSync(path.join(folder, 'twofold.config.ts'), config);
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(folder, 'views', file), text);
  return folder;
}

const naming = (views: string, imports = ''): string => `import { project } from '@twofold/views';
import { readings } from './streams.ts';
${imports}
export default project('loaded', { streams: [readings], views: [${views}] });
`;

describe('a project', () => {
  it('has the views that files in its folder export, beside those that it names, each once', async () => {
    const files = { 'b.ts': viewOf('second'), 'a.ts': viewOf('first'), 'again.ts': "export * from './a.ts';\n" };
    const folder = folderWith('found', files, naming('second', "import { second } from './views/b.ts';"));
    const { project } = await loadProject(folder);
    expect(project.views.map(({ name }) => name)).toEqual(['second', 'first']);
    expect(project.id).toBe('loaded');
  });

  it('refuses a view in a file as it would one that it names', async () => {
    const unknown = folderWith('unknown', { 'a.ts': viewOf('lost', 'other') }, naming(''));
    await expect(loadProject(unknown)).rejects.toThrow(
      "'lost' is of the stream 'other', which the project does not name",
    );
    const twice = folderWith('twice', { 'a.ts': viewOf('same'), 'b.ts': viewOf('same', 'readings', 2) }, naming(''));
    await expect(loadProject(twice)).rejects.toThrow(/'same' is called like/);
  });

  it('needs no folder of views', async () => {
    const folder = folderWith('without', {}, naming(''));
    rmSync(path.join(folder, 'views'), { recursive: true });
    expect((await loadProject(folder)).project.views).toEqual([]);
  });
});
