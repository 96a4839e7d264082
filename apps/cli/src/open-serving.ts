import { randomBytes } from 'node:crypto';
import { startServingApi, type ServingApi } from '@twofold/serving-api';
import type { Clock, Logger } from '@twofold/service';
import type { ViewStore } from '@twofold/view-store';
import type { Project } from '@twofold/views';
import type { CliSettings } from './settings.ts';

export function openServing(
  project: Project,
  ports: { store: ViewStore; clock: Clock; logger: Logger },
  values: CliSettings,
): Promise<ServingApi> {
  return startServingApi({
    views: project.views,
    streams: project.streams,
    ...ports,
    host: values.host,
    port: values.port,
    cursorSecret: values.cursorSecret ?? randomBytes(32).toString('hex'),
  });
}
