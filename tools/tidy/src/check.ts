import type { Repository } from './repository.ts';

export interface Problem {
  readonly path: string;
  readonly line?: number;
  /** What is wrong and what to do. */
  readonly message: string;
  /** Shown, but fails nothing. */
  readonly warning?: boolean;
}

export interface Check {
  readonly name: string;
  /** What holds when the check is silent. */
  readonly about: string;
  run(repository: Repository): Problem[];
}

/** The 1-based line of an index in a text. */
export function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < index; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}
