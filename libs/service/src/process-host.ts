/** What a service sees of the process that it runs in. */
export interface ProcessHost {
  /** Calls back for each request to end; returns how to stop that. */
  onStop(listener: (signal: 'SIGTERM' | 'SIGINT' | 'SIGHUP') => void): () => void;
  /** Calls back for an exception or a rejection that nobody caught; returns how to stop that. */
  onFault(listener: (error: unknown) => void): () => void;
}

const stopSignals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export function processHost(): ProcessHost {
  return {
    onStop: (listener) => {
      for (const signal of stopSignals) process.on(signal, listener);
      return () => {
        for (const signal of stopSignals) process.off(signal, listener);
      };
    },
    onFault: (listener) => {
      process.on('uncaughtException', listener);
      process.on('unhandledRejection', listener);
      return () => {
        process.off('uncaughtException', listener);
        process.off('unhandledRejection', listener);
      };
    },
  };
}
