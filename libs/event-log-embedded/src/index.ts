export type { FollowedLog } from './embedded-log-reader.ts';
export * from './open-embedded-log.ts';
export type { TornTail } from './open-partition.ts';
