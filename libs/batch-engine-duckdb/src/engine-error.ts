import { EngineError, type EngineErrorCode } from '@twofold/batch-engine';
import { pathPattern } from './sql-text.ts';

/** First match decides: spilling without room is reported as memory by the engine, and is the disk's fault. */
const codes: readonly (readonly [RegExp, EngineErrorCode])[] = [
  [/No space left on device|max_temp_directory_size|Disk quota exceeded/i, 'ENGINE_DISK_FULL'],
  [/^Out of Memory Error/, 'ENGINE_OUT_OF_MEMORY'],
  [
    /^Out of Range Error.*overflow|^Out of Range Error.*out of range|^Conversion Error.*out of range/is,
    'ENGINE_OVERFLOW',
  ],
];

const hints: Readonly<Partial<Record<EngineErrorCode, string>>> = {
  ENGINE_DISK_FULL: 'Free space in the spill folder or give the engine another one.',
  ENGINE_OUT_OF_MEMORY: "Raise the engine's memory limit, or lower its threads.",
  ENGINE_OVERFLOW: 'A sum or an expression left its range; nothing was wrapped or rounded.',
  ENGINE_FAILED: '`twofold verify` compares the files with their manifests.',
};

/** Files named in a message; more are counted. */
const NAMED_FILES = 3;

/** Gives the engine's message its code. Messages that name no file get the files that were read. */
export function engineError(
  rawMessage: string,
  statement: { readonly what: string; readonly files: readonly string[] },
): EngineError {
  const message = statement.files.reduce((text, file) => text.replaceAll(pathPattern(file), file), rawMessage);
  const code = codes.find(([pattern]) => pattern.test(message))?.[1] ?? 'ENGINE_FAILED';
  const { what, files } = statement;
  // What follows the first paragraph is advice on settings, or a piece of the statement.
  const said = (message.split('\n\n')[0] ?? message).trim().replace(/\.$/, '');
  const named = files.filter((file) => message.includes(file));
  const read =
    files.slice(0, NAMED_FILES).join(', ') +
    (files.length > NAMED_FILES ? ` and ${files.length - NAMED_FILES} more` : '');
  const where = named.length > 0 || files.length === 0 || code !== 'ENGINE_FAILED' ? '' : ` It read ${read}.`;
  return new EngineError(code, `${what}: ${said}.${where} ${hints[code] ?? ''}`.trimEnd(), {
    retryable: code === 'ENGINE_OUT_OF_MEMORY' || code === 'ENGINE_DISK_FULL',
    facts: { engine: 'duckdb', message, files: named.length > 0 ? named : files },
  });
}
