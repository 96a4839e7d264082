const mask = '********';
const secretKey = /passw|secret|token|authorization|api_?key|credential|cookie/i;
const depthMax = 6;

/** Turns logged facts into plain JSON values with every secret masked: by the name of its key, or by being one of `secrets`. */
export function redact(facts: Readonly<Record<string, unknown>>, secrets: readonly string[]): Record<string, unknown> {
  const plain = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return maskSecrets(value, secrets);
    if (typeof value === 'bigint') return value.toString();
    if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
    if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
    if (typeof value !== 'object' || value === null) return value;
    if (depth === depthMax) return '[deeper]';
    if (value instanceof Error) return entries(errorFacts(value), depth);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    if (value instanceof Map) return entries(Object.fromEntries<unknown>(value), depth);
    if (Array.isArray(value) || value instanceof Set)
      return Array.from<unknown>(value).map((item) => plain(item, depth + 1));
    return entries(value, depth);
  };
  const entries = (object: object, depth: number): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(object).map(([key, value]: [string, unknown]) => [
        key,
        secretKey.test(key) && value !== null && value !== undefined ? mask : plain(value, depth + 1),
      ]),
    );
  return entries(facts, 0);
}

export function maskSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((masked, secret) => (secret === '' ? masked : masked.replaceAll(secret, mask)), text);
}

/** What an error says, its code and facts where it has them, and what caused it. */
function errorFacts(error: Error): Record<string, unknown> {
  const facts: Record<string, unknown> = { name: error.name, message: error.message };
  if ('code' in error) facts['code'] = error.code;
  if ('facts' in error) facts['facts'] = error.facts;
  if (error.cause !== undefined) facts['cause'] = error.cause;
  facts['stack'] = error.stack;
  return facts;
}
