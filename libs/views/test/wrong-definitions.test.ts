import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const file = path.join(import.meta.dirname, 'wrong-definitions.ts');
const workspace = path.join(import.meta.dirname, '../../..');
const directive = /^\s*\/\/ @ts-expect-error (.*)$/;

/** Messages of the compiler by line, from 0, for the file as it would be if nobody expected an error. */
function messagesByLine(text: string): Map<number, string> {
  const base = ts.readConfigFile(path.join(workspace, 'tsconfig.base.json'), (name) => readFileSync(name, 'utf8'));
  const { options } = ts.parseJsonConfigFileContent(base.config, ts.sys, workspace);
  const settings = { ...options, noEmit: true, composite: false, incremental: false, declaration: false };
  const host = ts.createCompilerHost(settings);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, version, ...more) =>
    path.resolve(name) === file ? ts.createSourceFile(name, text, version, true) : read(name, version, ...more);
  const allowing = { ...settings, allowImportingTsExtensions: true, rewriteRelativeImportExtensions: false };
  const program = ts.createProgram([file], allowing, host);
  const source = program.getSourceFile(file);
  const found = new Map<number, string>();
  for (const { start = 0, messageText } of program.getSemanticDiagnostics(source)) {
    const line = source?.getLineAndCharacterOfPosition(start).line ?? -1;
    found.set(line, `${found.get(line) ?? ''}${ts.flattenDiagnosticMessageText(messageText, '\n')}\n`);
  }
  return found;
}

const lines = readFileSync(file, 'utf8').split('\n');
const wrong = lines.flatMap((line, at) => {
  const [, told] = directive.exec(line) ?? [];
  if (told === undefined) return [];
  return [
    {
      at: at + 1,
      what: told.split(': `')[0] ?? '',
      words: [...told.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word),
    },
  ];
});

describe('a wrong definition', () => {
  it('is one of at least forty, each with words that its message has to hold', () => {
    expect(wrong.length).toBeGreaterThanOrEqual(40);
    for (const { what, words } of wrong) expect(words.length, what).toBeGreaterThan(0);
    expect(new Set(wrong.map(({ at }) => lines[at]?.trim())).size).toBe(wrong.length);
  });

  it('does not compile, and the message names what is wrong', () => {
    const messages = messagesByLine(lines.map((line) => line.replace('@ts-expect-error', 'wrong:')).join('\n'));
    for (const { at, what, words } of wrong) {
      const message = messages.get(at) ?? '';
      expect(message, `${what} (line ${at + 1}) compiles`).not.toBe('');
      for (const word of words) expect(message, `the message about: ${what}`).toContain(word);
      // The end of a chain says what is wrong in a few lines, not in a page.
      expect(message.split('\n').length, message).toBeLessThan(30);
    }
    // Everything else in the file is right: no message is about a line that was not meant.
    expect([...messages.keys()].filter((at) => !wrong.some((one) => one.at === at))).toEqual([]);
  }, 300_000);
});
