export * from './fake-host.ts';
export * from './free-port.ts';
export * from './recording-logger.ts';
export * from './seeded-rng.ts';
export * from './virtual-clock.ts';
