/** One change of the feed, as the API tells it. */
export interface FeedChange {
  readonly id: string;
  readonly position: string;
  readonly cause: string;
  readonly windowStart: string;
  readonly old: readonly NamedText[] | null;
  readonly new: readonly NamedText[] | null;
  readonly correction: string | null;
}

interface NamedText {
  readonly name: string;
  readonly value: string | null;
}

export interface OperatorAnswer<T> {
  readonly data: T;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

/** What a mutation answers: done, or why not, as data. */
export interface OperatorResult {
  readonly __typename: string;
  readonly code?: string;
  readonly message?: string;
  readonly id: string;
  readonly fingerprint: string;
  readonly matched: string;
  readonly correction: string;
  readonly release: string | null;
  readonly alreadyInForce: boolean;
  readonly diff: { readonly base: string } | null;
  readonly conflicts: readonly { readonly plan: string; readonly author: string; readonly sharedEvents: string }[];
}

/** An operator at the API of a running platform: GraphQL over HTTP, and nothing else. */
export class OperatorClient {
  readonly #url: () => string;
  readonly #token: string | null;

  constructor(url: () => string, token: string | null) {
    this.#url = url;
    this.#token = token;
  }

  async ask<T>(query: string, variables: object = {}): Promise<OperatorAnswer<T>> {
    const response = await this.#post({ query, variables }, 'application/json', AbortSignal.timeout(120_000));
    return (await response.json()) as OperatorAnswer<T>;
  }

  /** The one field of an answer that has no errors. */
  async field<T>(query: string, variables: object = {}): Promise<T> {
    const { data, errors } = await this.ask<Readonly<Record<string, T>>>(query, variables);
    const [value] = Object.values(data ?? {});
    if (errors !== undefined || value === undefined) throw new RangeError(`${query}: ${JSON.stringify(errors)}`);
    return value;
  }

  /** Changes of a view after a position, until so many have come. */
  async changes(view: string, after: string, many: number): Promise<FeedChange[]> {
    const leaving = new AbortController();
    const query = `subscription { restatements(view: "${view}", after: "${after}") {
      id position cause windowStart old { name value } new { name value } correction } }`;
    const signal = AbortSignal.any([leaving.signal, AbortSignal.timeout(60_000)]);
    const response = await this.#post({ query }, 'text/event-stream', signal);
    const found: FeedChange[] = [];
    let text = '';
    for await (const part of response.body ?? []) {
      text += new TextDecoder().decode(part);
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const [, told] = event.startsWith('event: next') ? event.split('data: ') : [];
        if (told !== undefined)
          found.push((JSON.parse(told) as OperatorAnswer<{ restatements: FeedChange }>).data.restatements);
      }
      if (found.length >= many) break;
    }
    leaving.abort();
    return found;
  }

  #post(body: object, accept: string, signal: AbortSignal): Promise<Response> {
    const authorization = this.#token === null ? {} : { authorization: `Bearer ${this.#token}` };
    const headers = { 'content-type': 'application/json', accept, ...authorization };
    return fetch(this.#url(), { method: 'POST', headers, body: JSON.stringify(body), signal });
  }
}
