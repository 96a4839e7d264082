import { randomBytes } from 'node:crypto';
import { startServingApi, type Operations, type RestatementSource, type ServingApi } from '@twofold/serving-api';
import { systemRng, ulidIds, type Clock, type Logger } from '@twofold/service';
import type { ViewStore } from '@twofold/view-store';
import type { Project, View } from '@twofold/views';
import type { CliSettings } from './settings.ts';

export function openServing(
  project: Project,
  ports: { store: ViewStore; clock: Clock; logger: Logger },
  values: CliSettings,
  more: {
    /** What operators may do, once there is a token by which they are known. */
    readonly operations: Operations | null;
    /** What of other versions the live release may still have. */
    readonly former: readonly View[];
    readonly restatements: RestatementSource | null;
  },
): Promise<ServingApi> {
  const { operatorToken: token } = values;
  const { operations, restatements, former } = more;
  return startServingApi({
    operating:
      token === null || operations === null ? null : { token, operations, ids: ulidIds(ports.clock, systemRng()) },
    restatements,
    views: project.views,
    former,
    streams: project.streams,
    ...ports,
    host: values.host,
    port: values.port,
    cursorSecret: values.cursorSecret ?? randomBytes(32).toString('hex'),
  });
}
