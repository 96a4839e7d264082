import { isTwofoldError, type Stream } from '@twofold/schemas';
import { keepRunning, type Incident } from '../keep-running.ts';
import { runWanted, type Work } from '../run-wanted.ts';
import { OPERATOR_DEFAULTS, OperatorWorker, type OperatorOptions, type OperatorPorts } from './operator-worker.ts';

export interface OperatorsTask {
  /** The streams of the project; operators make those that are change streams. */
  readonly streams: readonly { readonly stream: Stream; readonly topic: string }[];
  /** Which partitions of the restatements this process has; all when absent. */
  readonly owns?: (stream: string, partition: number) => boolean;
}

export interface Operators {
  readonly incidents: readonly Incident[];
  /** Resolves when all have ended after the signal; rejects when the store is gone. */
  readonly done: Promise<void>;
}

/** How often the control row is asked which partitions there are. */
const LOOK_MS = 500;

/** Runs the operators of a project (E26), one for each partition of what they read. */
export function runOperators(
  task: OperatorsTask,
  ports: OperatorPorts,
  signal: AbortSignal,
  options: OperatorOptions = OPERATOR_DEFAULTS,
): Operators {
  const incidents = new Map<string, Incident>();
  const topicOf = (name: string): string => task.streams.find(({ stream }) => stream.name === name)?.topic ?? name;
  const wanted = async (): Promise<Work> => {
    const work = new Map<string, (own: AbortSignal) => Promise<void>>();
    for (const { stream, topic: outputTopic } of task.streams) {
      const input = stream.change?.of;
      if (input === undefined) continue;
      for (let partition = 0; partition < (await partitionsOf(input.name)); partition++) {
        if (task.owns?.(input.name, partition) === false) continue;
        const each = { stream, inputTopic: topicOf(input.name), outputTopic, partition };
        const run = (own: AbortSignal): Promise<void> => {
          incidents.delete(`${stream.name}/${partition}`);
          return new OperatorWorker(each, ports, options).run(own);
        };
        work.set(`${stream.name}/${partition}`, (own) =>
          keepRunning(
            { key: `${stream.name}/${partition}`, stream: stream.name, partition, run },
            ports,
            incidents,
            own,
          ),
        );
      }
    }
    return work;
  };
  /** A control row that can not be read for now takes nobody's work away. */
  const known = new Map<string, number>();
  const partitionsOf = async (name: string): Promise<number> => {
    try {
      const row = await ports.control.read(signal);
      known.set(name, row?.streams[name]?.origins.length ?? known.get(name) ?? 0);
    } catch (error) {
      if (!signal.aborted && !(isTwofoldError(error) && error.retryable)) throw error;
    }
    return known.get(name) ?? 0;
  };
  return {
    get incidents() {
      return [...incidents.values()];
    },
    done: runWanted({ wanted, everyMs: LOOK_MS, clock: ports.clock }, signal),
  };
}
