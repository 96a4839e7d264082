import {
  deliverAlarms,
  alarmFolds,
  alarmStream,
  noteNewAlarms,
  runWanted,
  type SpeedLayerTask,
  type Work,
} from '@twofold/speed-layer';
import type { EventLog } from '@twofold/event-log';
import { systemRng, webhookNotifier, type Clock, type Logger, type Notifier } from '@twofold/service';
import type { ViewStore } from '@twofold/view-store';
import type { Project } from '@twofold/views';

/** How often a process looks which partitions of the alarms' log are its own. */
const LOOK_MS = 1_000;

export interface AlarmSetting {
  readonly project: Project;
  readonly events: EventLog;
  readonly store: ViewStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Null: alarms are only in the log. */
  readonly webhookUrl: string | null;
}

export function alarmTopic(project: Project): string {
  return `${project.id}.${alarmStream.name}`;
}

/** Before the first event is taken: an alarm that is new rings for what is sent from here on. */
export async function beginAlarms({ project, events, store }: AlarmSetting): Promise<void> {
  const ranges = (stream: { readonly name: string }) => events.partitions(`${project.id}.${stream.name}`);
  await noteNewAlarms({ alarms: project.alarms, ranges, progress: store.progress });
}

/** What the speed layer folds beside its views: the project's alarms. */
export function alarmSides(setting: AlarmSetting): NonNullable<SpeedLayerTask['sides']> {
  const { project, events, store, clock, logger } = setting;
  return async (stream, partition) => {
    const inputs = await events.partitions(`${project.id}.${stream.name}`);
    const end = inputs.find((range) => range.partition === partition)?.end ?? 0;
    const parts = {
      stream,
      partition,
      topic: alarmTopic(project),
      log: events,
      progress: store.progress,
      clock,
      logger,
    };
    return alarmFolds({ ...parts, alarms: project.alarms }, end);
  };
}

/**
 * Delivers alarms to the webhook, when there is one, until the signal. Each at least once, under one key for ever:
 * project, identity of the alarms' log (another data folder is another log), alarm, stream and position.
 */
export async function runDelivery(
  setting: AlarmSetting,
  owns: (topic: string, partition: number) => boolean,
  signal: AbortSignal,
): Promise<void> {
  const { project, events, store, clock, logger, webhookUrl } = setting;
  if (webhookUrl === null || project.alarms.length === 0) return;
  const topic = alarmTopic(project);
  const webhook = webhookNotifier({ url: webhookUrl, clock, rng: systemRng() });
  const keyStart = `${project.id}/${await events.identity(topic)}`;
  const notifier: Notifier = {
    notify: (id, payload, stop) => webhook.notify(`${keyStart}/${id}`, payload, stop),
  };
  const progress = store.progress;
  const partitions = await events.partitions(topic);
  const wanted = (): Promise<Work> => {
    const mine = partitions.filter(({ partition }) => owns(topic, partition));
    const parts = { topic, log: events, progress, notifier, clock, logger };
    return Promise.resolve(
      new Map(mine.map(({ partition }) => [String(partition), (own) => deliverAlarms({ ...parts, partition }, own)])),
    );
  };
  await runWanted({ wanted, everyMs: LOOK_MS, clock }, signal);
}
