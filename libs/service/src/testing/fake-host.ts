import type { ProcessHost } from '../process-host.ts';

type StopSignal = Parameters<Parameters<ProcessHost['onStop']>[0]>[0];

/** A process whose signals and faults a test sends by hand. */
export function fakeHost(): ProcessHost & {
  stop(signal: StopSignal): void;
  fault(error: unknown): void;
  readonly listeners: number;
} {
  const stops = new Set<(signal: StopSignal) => void>();
  const faults = new Set<(error: unknown) => void>();
  return {
    onStop: (listener) => {
      stops.add(listener);
      return () => stops.delete(listener);
    },
    onFault: (listener) => {
      faults.add(listener);
      return () => faults.delete(listener);
    },
    stop: (signal) => stops.forEach((listener) => listener(signal)),
    fault: (error) => faults.forEach((listener) => listener(error)),
    get listeners() {
      return stops.size + faults.size;
    },
  };
}
