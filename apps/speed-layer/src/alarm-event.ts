import { enumeration, instant, stream, text } from '@twofold/schemas';
import type { Alarm } from '@twofold/views';

/** The stream of raised alarms: a stream like any other, whose ids make a repetition a duplicate. */
export const alarmStream = stream('alarms', {
  description: 'One event for each input event that met an alarm condition.',
  fields: {
    alarm: text().maxLength(128),
    source: text().maxLength(128),
    position: text().maxLength(64),
    key: text().maxLength(1024),
    at: instant('ms'),
    severity: enumeration(['info', 'warning', 'critical']),
    message: text().maxLength(1024),
  },
  id: ['alarm', 'source', 'position'],
  eventTime: 'at',
  partitionKey: 'key',
  skew: null,
});

const encoder = new TextEncoder();

/** The event of one alarm, keyed by what the alarm is about, so that every repetition goes to the same partition. */
export function alarmEvent(raised: {
  readonly alarm: Alarm;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  /** Milliseconds. */
  readonly eventTime: number;
}): { readonly key: Uint8Array; readonly value: Uint8Array } {
  const { alarm, partition, offset, key, eventTime } = raised;
  const event = {
    alarm: alarm.name,
    source: alarm.stream.name,
    position: `${partition}:${offset}`,
    key,
    at: eventTime,
    severity: alarm.severity,
    message: alarm.description ?? alarm.name,
  };
  return { key: encoder.encode(key), value: encoder.encode(JSON.stringify(event)) };
}
