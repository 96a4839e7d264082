import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { project as declareProject, type Project, type View } from '@twofold/views';
import { CliError } from './errors.ts';

const CONFIG = 'twofold.config.ts';
const VIEWS = 'views';

export interface LoadedProject {
  readonly project: Project;
  /** Settings that the project's file gives, by name. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly file: string;
}

/**
 * Imports a project's `twofold.config.ts`: its default export is what `project()` gave; `settings`, when exported, are its
 * defaults. Views that the files in its folder `views` export are the project's too, whether it names them or not: to add
 * one, a file is added. Throws PROJECT_NOT_FOUND, PROJECT_INVALID, and what `project()` throws.
 */
export async function loadProject(folder: string): Promise<LoadedProject> {
  const file = path.resolve(folder, CONFIG);
  if (!existsSync(file))
    throw new CliError(
      'PROJECT_NOT_FOUND',
      `there is no ${CONFIG} in ${path.resolve(folder)}. Go to your project's folder, or name it with --project.`,
    );
  const module: unknown = await import(pathToFileURL(file).href);
  const { default: project, settings = {} } = module as { default?: unknown; settings?: unknown };
  if (!isProject(project))
    throw new CliError(
      'PROJECT_INVALID',
      `${file}: its default export is not a project. Write: export default project('my-plant', { streams: […], views: […] }).`,
    );
  const found = await viewsIn(path.join(path.dirname(file), VIEWS));
  const more = found.filter((view) => !project.views.some((named) => isSameView(named, view)));
  return {
    project:
      more.length === 0 ? project : declareProject(project.id, { ...project, views: [...project.views, ...more] }),
    settings: isRecord(settings) ? settings : {},
    file,
  };
}

/** What the files of a folder export that is a view, each once, by the name of the file. */
async function viewsIn(folder: string): Promise<readonly View[]> {
  if (!existsSync(folder)) return [];
  const views: View[] = [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'));
  for (const name of files.sort()) {
    const module: unknown = await import(pathToFileURL(path.join(folder, name)).href);
    const exported = Object.values(module as Readonly<Record<string, unknown>>).filter(isView);
    views.push(...exported.filter((view) => !views.some((other) => isSameView(other, view))));
  }
  return views;
}

/** A file may be loaded under two names. */
function isSameView(a: View, b: View): boolean {
  return a.name === b.name && a.fingerprint === b.fingerprint;
}

function isView(value: unknown): value is View {
  return (
    isRecord(value) &&
    typeof value['name'] === 'string' &&
    typeof value['fingerprint'] === 'string' &&
    Array.isArray(value['measures']) &&
    isRecord(value['stream'])
  );
}

function isProject(value: unknown): value is Project {
  return (
    isRecord(value) &&
    typeof value['id'] === 'string' &&
    Array.isArray(value['streams']) &&
    Array.isArray(value['views'])
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
