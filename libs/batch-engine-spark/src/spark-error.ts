import { EngineError, type EngineErrorCode } from '@twofold/batch-engine';

/** What a job was, for messages. */
export interface JobFacts {
  /** What it is for, in words. */
  readonly what: string;
  /** Paths that it reads. */
  readonly files: readonly string[];
}

/** First match decides. */
const codes: readonly (readonly [RegExp, EngineErrorCode])[] = [
  [/No space left on device|Disk quota exceeded/i, 'ENGINE_DISK_FULL'],
  [/OutOfMemoryError|UNABLE_TO_ACQUIRE_MEMORY|_OUT_OF_MEMORY/, 'ENGINE_OUT_OF_MEMORY'],
  [/\[(?:ARITHMETIC_OVERFLOW|BINARY_ARITHMETIC_OVERFLOW|CAST_OVERFLOW|NUMERIC_VALUE_OUT_OF_RANGE)/, 'ENGINE_OVERFLOW'],
];

const hints: Readonly<Partial<Record<EngineErrorCode, string>>> = {
  ENGINE_DISK_FULL: "Free space in the engine's work folder or give it another one.",
  ENGINE_OUT_OF_MEMORY: "Raise the engine's memory limit, or lower its threads.",
  ENGINE_OVERFLOW: 'A sum or an expression left its range; nothing was wrapped or rounded.',
  ENGINE_FAILED: '`twofold verify` compares the files with their manifests.',
};

/** Files named in a message; more are counted. */
const NAMED_FILES = 3;
const SAID_CHARS = 600;

/** Gives what Spark said of a job its code. Messages that name no file get the files that were read. */
export function sparkError(said: string, { what, files }: JobFacts): EngineError {
  const code = codes.find(([pattern]) => pattern.test(said))?.[1] ?? 'ENGINE_FAILED';
  // The innermost message says most; stacks of frames say nothing to who reads it.
  const lines = said.split('\n').filter((line) => line.trim() !== '' && !/^\s*at /.test(line));
  const inner = lines.findLast((line) => /^[\w.$]+(?:Exception|Error)\b/.test(line)) ?? lines[0] ?? said;
  const named = files.filter((file) => said.includes(file) || said.includes(encodeURI(file)));
  const read =
    files.slice(0, NAMED_FILES).join(', ') +
    (files.length > NAMED_FILES ? ` and ${files.length - NAMED_FILES} more` : '');
  const where =
    code !== 'ENGINE_FAILED' || files.length === 0
      ? ''
      : named.length > 0
        ? ` It is about ${named.slice(0, NAMED_FILES).join(', ')}.`
        : ` It read ${read}.`;
  const short = inner.trim().slice(0, SAID_CHARS).replace(/\.$/, '');
  return new EngineError(code, `${what}: ${short}.${where} ${hints[code] ?? ''}`.trimEnd(), {
    retryable: code === 'ENGINE_OUT_OF_MEMORY' || code === 'ENGINE_DISK_FULL',
    facts: { engine: 'spark', message: said, files: named.length > 0 ? named : files },
  });
}
