/** JSON whose numbers are kept as they are written. */
interface RawJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
}

/** What a Debezium envelope says, as one flat object; what is none has no member, what is no JSON stays what it is. */
export function flatMessage(value: Uint8Array): Uint8Array {
  let message: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
    // The language's own types do not know of it yet.
    const json = JSON as unknown as RawJson;
    message = json.parse(text, (_, part, { source }) =>
      typeof part === 'number' && source !== undefined ? json.rawJSON(source) : part,
    );
  } catch {
    return value;
  }
  const outer = membersOf(message);
  const envelope = membersOf(outer?.['payload']) ?? outer;
  if (envelope === null) return value;
  if (typeof envelope['op'] !== 'string') return new TextEncoder().encode('{}');
  const row = membersOf(envelope['op'] === 'd' ? envelope['before'] : envelope['after']) ?? {};
  const around = Object.entries(envelope).map(([name, part]) => [`$${name}`, part] as const);
  const source = Object.entries(membersOf(envelope['source']) ?? {}).map(
    ([name, part]) => [`$source.${name}`, part] as const,
  );
  return new TextEncoder().encode(JSON.stringify(Object.fromEntries([...around, ...source, ...Object.entries(row)])));
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;
}
