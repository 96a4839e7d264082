import { existsSync } from 'node:fs';
import path from 'node:path';
import type { ColumnArchive } from '@twofold/archive';
import type { FollowedLog } from '@twofold/event-log-embedded';
import type { Clock, Ids } from '@twofold/service';
import type { ViewStore } from '@twofold/view-store';
import type { Project } from '@twofold/views';
import { CliError } from './errors.ts';
import { loadProject } from './load-project.ts';
import { loggerOf } from './logger-of.ts';
import { followLog, openArchive, openStore, thisMachine } from './open-parts.ts';
import type { CliSettings } from './settings.ts';

/** What a project's services have made, as a command looks at it. */
export interface Look {
  readonly project: Project;
  readonly store: ViewStore;
  readonly archive: ColumnArchive;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Follows the log. @throws LOG_IO where there is none */
  readonly openLog: () => Promise<FollowedLog>;
  readonly close: () => Promise<void>;
}

/** Opens what there is, also while services run. @param mode read: changes nothing */
export async function openToLook(
  projectFolder: string,
  values: CliSettings,
  mode: 'read' | 'write' = 'read',
): Promise<Look> {
  const { project } = await loadProject(projectFolder);
  const { dataFolder, cassandraContactPoints } = values;
  if (cassandraContactPoints === null && !existsSync(path.join(dataFolder, 'store')))
    throw new CliError(
      'NO_DATA',
      `there is no data in ${path.resolve(dataFolder)} yet. Start twofold dev, or name another folder with --data-folder.`,
    );
  const machine = thisMachine(loggerOf(values, 'twofold'));
  const store = await openStore(project.id, values, machine, mode);
  return {
    project,
    store,
    archive: openArchive(values, machine),
    clock: machine.clock,
    ids: machine.ids,
    openLog: () => followLog(values, machine),
    close: () => store.close(),
  };
}
