interface RequestInit {
  readonly method: string;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** What Yoga reads of a fetch Request; this one was received whole. */
class PlainRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: { readonly get: (name: string) => string | null };
  readonly signal: AbortSignal;
  readonly #body: string;

  constructor(url: string, { method, headers, body, signal }: RequestInit) {
    this.url = url;
    this.method = method;
    this.headers = { get: (name) => headers[name] ?? null };
    this.signal = signal;
    this.#body = body;
  }

  async text(): Promise<string> {
    return this.#body;
  }

  async json(): Promise<unknown> {
    return JSON.parse(this.#body);
  }
}

interface ResponseInit {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What Yoga writes of a fetch Response: its body is one text, or the stream of a subscription. */
class PlainResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** Null: the body is a text. */
  readonly stream: ReadableStream<Uint8Array> | null;
  readonly #body: string;

  constructor(body: string | ReadableStream<Uint8Array> | null, { status = 200, headers = {} }: ResponseInit = {}) {
    this.#body = typeof body === 'string' ? body : '';
    this.stream = typeof body === 'object' ? body : null;
    this.status = status;
    this.headers = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  }

  async text(): Promise<string> {
    return this.#body;
  }
}

/**
 * The Request and Response that Yoga is given to work with. General ones, with streams as bodies, cost more than a
 * small query does.
 */
export const fetchObjects: object = { Request: PlainRequest, Response: PlainResponse };
