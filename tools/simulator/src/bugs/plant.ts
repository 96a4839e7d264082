import { registerHooks } from 'node:module';
import { PLANTED_BUGS, type PlantedBug } from './planted-bugs.ts';

export function bugNamed(name: string): PlantedBug {
  const bug = PLANTED_BUGS.find((each) => each.name === name);
  if (bug === undefined) throw new RangeError(`no planted bug is called "${name}"`);
  return bug;
}

/** Changes one source while it is loaded: has to be called before any service is imported. */
export function plant(bug: PlantedBug): void {
  registerHooks({
    load: (url, context, next) => {
      const loaded = next(url, context);
      if (!url.endsWith(`/${bug.file}`)) return loaded;
      const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
      const parts = source.split(bug.find);
      if (parts.length !== 2)
        throw new RangeError(`planted bug "${bug.name}": its place is found ${parts.length - 1} times in ${bug.file}`);
      return { ...loaded, source: parts.join(bug.replace) };
    },
  });
}
