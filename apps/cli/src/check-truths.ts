import { isDeepStrictEqual } from 'node:util';
import { ask } from './commands/query.ts';
import type { Truth } from './example-feed.ts';
import { say, table } from './output.ts';

/** Asks for everything that is known of the data, prints what was found beside it, and gives what differs, a line each. */
export async function checkTruths(url: string, truths: readonly Truth[]): Promise<string[]> {
  if (truths.length === 0) return [];
  say('comparing answers with what is known of the data');
  const rows = [['known', 'by', 'expected', 'found']];
  const failures: string[] = [];
  for (const truth of truths) {
    const answer = await ask(url, truth.text, truth.variables);
    const expected = JSON.stringify(truth.expected);
    const found =
      'errors' in answer ? JSON.stringify(answer['errors']) : (JSON.stringify(truth.of(answer['data'])) ?? '');
    const isRight = !('errors' in answer) && isDeepStrictEqual(JSON.parse(found || 'null'), JSON.parse(expected));
    if (!isRight) failures.push(`${truth.name} is ${expected} (${truth.source}), and the answer says ${found}`);
    rows.push([truth.name, truth.source, shown(expected), isRight ? 'the same' : shown(found)]);
  }
  process.stdout.write(`${table(rows).join('\n')}\n\n`);
  return failures;
}

const SHOWN_CHARACTERS = 60;

function shown(json: string): string {
  return json.length > SHOWN_CHARACTERS ? `${json.slice(0, SHOWN_CHARACTERS)}…` : json;
}
