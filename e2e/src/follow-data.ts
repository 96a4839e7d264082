import { loggerOf, openToFollow, settings, type LoadedProject, type Platform } from '@twofold/cli';

/** Opens an embedded data folder beside the process that writes it. */
export function followData(project: LoadedProject['project'], dataFolder: string): Promise<Platform> {
  const { values } = settings.read({ flags: { dataFolder } });
  return openToFollow(project, values, loggerOf(values, 'e2e'));
}
