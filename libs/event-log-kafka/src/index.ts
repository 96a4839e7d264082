export * from './kafka-log.ts';
export type * from './kafka-options.ts';
export type { TopicReport } from './topic-admin.ts';
export * from './group-membership.ts';
