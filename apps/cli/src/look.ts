import { existsSync } from 'node:fs';
import path from 'node:path';
import { createParquetArchive } from '@twofold/archive-parquet';
import type { ColumnArchive } from '@twofold/archive';
import { openEmbeddedLog, type FollowedLog } from '@twofold/event-log-embedded';
import { nodeFs, systemClock, systemRng, ulidIds } from '@twofold/service';
import type { ViewStore } from '@twofold/view-store';
import { openEmbeddedStore } from '@twofold/view-store-embedded';
import type { Project } from '@twofold/views';
import { CliError } from './errors.ts';
import { loadProject } from './load-project.ts';
import type { CliSettings } from './settings.ts';

/** A data folder as a command looks into it. */
export interface Look {
  readonly project: Project;
  readonly store: ViewStore;
  readonly archive: ColumnArchive;
  /** Follows the log. @throws LOG_IO where there is none */
  readonly openLog: () => Promise<FollowedLog>;
  readonly close: () => Promise<void>;
}

/** Opens a data folder, also while `twofold dev` runs; changes nothing. */
export async function openToLook(projectFolder: string, values: CliSettings): Promise<Look> {
  const { project } = await loadProject(projectFolder);
  const dataFolder = path.resolve(values.dataFolder);
  if (!existsSync(path.join(dataFolder, 'store')))
    throw new CliError(
      'NO_DATA',
      `there is no data in ${dataFolder} yet. Start twofold dev, or name another folder with --data-folder.`,
    );
  const clock = systemClock();
  const ids = ulidIds(clock, systemRng());
  const store = await openEmbeddedStore({
    directory: path.join(dataFolder, 'store'),
    project: project.id,
    ids,
    clock,
    mode: 'read',
  });
  const archive = createParquetArchive({ directory: path.join(dataFolder, 'archive'), ids });
  const openLog = (): Promise<FollowedLog> =>
    openEmbeddedLog({ directory: path.join(dataFolder, 'log'), fs: nodeFs, clock, mode: 'read' });
  return { project, store, archive, openLog, close: () => store.close() };
}
