import { registerHooks } from 'node:module';
import { patchesOf, PLANTED_BUGS, type PlantedBug } from './planted-bugs.ts';

/** Names the bug that a run of tests has planted, if any. */
export const PLANTED_BUG = 'TWOFOLD_PLANTED_BUG';

export function bugNamed(name: string): PlantedBug {
  const bug = PLANTED_BUGS.find((each) => each.name === name);
  if (bug === undefined) throw new RangeError(`no planted bug is called "${name}"`);
  return bug;
}

/** Changes sources while they are loaded: has to be called before any service is imported. */
export function plant(bug: PlantedBug): void {
  registerHooks({
    load: (url, context, next) => {
      const loaded = next(url, context);
      if (!isTouched(bug, url)) return loaded;
      const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
      return { ...loaded, source: withBug(bug, url, source) };
    },
  });
}

/** The same for tests, whose runner loads sources in its own way: a plugin of Vite. */
export function plantedPlugin(name: string): {
  name: string;
  enforce: 'pre';
  transform: (source: string, id: string) => string | null;
} {
  const bug = bugNamed(name);
  const transform = (source: string, id: string): string | null => {
    const [path = id] = id.split('?');
    return isTouched(bug, path) ? withBug(bug, path, source) : null;
  };
  return { name: 'planted-bug', enforce: 'pre', transform };
}

function isTouched(bug: PlantedBug, path: string): boolean {
  return patchesOf(bug).some(({ file }) => path.endsWith(`/${file}`));
}

function withBug(bug: PlantedBug, path: string, source: string): string {
  let changed = source;
  for (const { file, find, replace } of patchesOf(bug)) {
    if (!path.endsWith(`/${file}`)) continue;
    const parts = changed.split(find);
    if (parts.length !== 2)
      throw new RangeError(`planted bug "${bug.name}": its place is found ${parts.length - 1} times in ${file}`);
    changed = parts.join(replace);
  }
  return changed;
}
