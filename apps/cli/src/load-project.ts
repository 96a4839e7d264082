import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Project } from '@twofold/views';
import { CliError } from './errors.ts';

const CONFIG = 'twofold.config.ts';

export interface LoadedProject {
  readonly project: Project;
  /** Settings that the project's file gives, by name. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly file: string;
}

/** Imports a project's `twofold.config.ts`: its default export is what `project()` gave; `settings`, when exported, are its defaults. */
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
  return { project, settings: isRecord(settings) ? settings : {}, file };
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
