import { CliError } from '../errors.ts';
import { EXIT, print } from '../output.ts';

/** Sends one GraphQL document to a running API and prints the answer. */
export async function query(url: string, document: string, json: boolean): Promise<number> {
  const answer = await ask(url, document);
  print(json, { answer }, () => [JSON.stringify(answer, null, 2)]);
  return 'errors' in answer ? EXIT.failed : EXIT.done;
}

/** @throws SERVER_UNREACHABLE */
export async function ask(
  url: string,
  document: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<Record<string, unknown>> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query: document, variables }),
      signal: AbortSignal.timeout(30_000),
    });
    return (await response.json()) as Record<string, unknown>;
  } catch (cause) {
    throw new CliError(
      'SERVER_UNREACHABLE',
      `nothing answers at ${url}. Is twofold dev running? Name another address with --url.`,
      { cause },
    );
  }
}
