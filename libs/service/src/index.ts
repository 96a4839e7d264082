export * from './crc32c.ts';
export * from './fs.ts';
export * from './node-fs.ts';
export type * from './ports.ts';
