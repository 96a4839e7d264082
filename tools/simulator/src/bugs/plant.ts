import { registerHooks } from 'node:module';
import { patchesOf, PLANTED_BUGS, type PlantedBug } from './planted-bugs.ts';

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
      const patches = patchesOf(bug).filter(({ file }) => url.endsWith(`/${file}`));
      if (patches.length === 0) return loaded;
      let source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
      for (const { file, find, replace } of patches) {
        const parts = source.split(find);
        if (parts.length !== 2)
          throw new RangeError(`planted bug "${bug.name}": its place is found ${parts.length - 1} times in ${file}`);
        source = parts.join(replace);
      }
      return { ...loaded, source };
    },
  });
}
