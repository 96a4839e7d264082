/**
 * The part of JSON Schema that `toJsonSchema` writes, done plainly for tests: formats are notes, multiples are counted in
 * decimal digits. A keyword that it does not know is an error.
 */
export function validates(schema: unknown, data: unknown): boolean {
  if (!isMembers(schema)) throw new TypeError('no schema');
  return Object.entries(schema).every(([keyword, value]) => {
    const check = checks[keyword];
    if (check === undefined) throw new TypeError(`unknown keyword ${keyword}`);
    return check(value, data);
  });
}

type Members = Readonly<Record<string, unknown>>;
type Check = (value: unknown, data: unknown) => boolean;

const note: Check = () => true;
const ofNumbers =
  (holds: (data: number, bound: number) => boolean): Check =>
  (bound, data) =>
    typeof data !== 'number' || holds(data, Number(bound));

const checks: Readonly<Record<string, Check>> = {
  ...{ $schema: note, $id: note, title: note, description: note, format: note, 'x-twofold': note },
  type: (type, data) => (type === 'integer' ? Number.isInteger(data) : typeOf(data) === type),
  enum: (values, data) => Array.isArray(values) && values.includes(data),
  anyOf: (branches, data) => Array.isArray(branches) && branches.some((branch) => validates(branch, data)),
  minimum: ofNumbers((data, bound) => data >= bound),
  maximum: ofNumbers((data, bound) => data <= bound),
  exclusiveMaximum: ofNumbers((data, bound) => data < bound),
  exclusiveMinimum: ofNumbers((data, bound) => data > bound),
  multipleOf: ofNumbers((data, step) => digitsAfterPoint(data) <= digitsAfterPoint(step)),
  maxLength: (most, data) => typeof data !== 'string' || [...data].length <= Number(most),
  pattern: (pattern, data) => typeof data !== 'string' || new RegExp(String(pattern), 'u').test(data),
  contentEncoding: note,
  items: (schema, data) => !Array.isArray(data) || data.every((item) => validates(schema, item)),
  maxItems: (most, data) => !Array.isArray(data) || data.length <= Number(most),
  uniqueItems: (unique, data) =>
    unique !== true || !Array.isArray(data) || new Set(data.map((item) => JSON.stringify(item))).size === data.length,
  required: (names, data) =>
    !isMembers(data) || (Array.isArray(names) && names.every((name) => Object.hasOwn(data, String(name)))),
  properties: (properties, data) =>
    !isMembers(data) ||
    !isMembers(properties) ||
    Object.entries(properties).every(([name, schema]) => !Object.hasOwn(data, name) || validates(schema, data[name])),
};

function typeOf(data: unknown): string {
  if (data === null) return 'null';
  return Array.isArray(data) ? 'array' : typeof data;
}

/** Of the shortest decimal form of the number. */
function digitsAfterPoint(value: number): number {
  const [, fraction = '', exponent = '0'] = /^-?\d+(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  return Math.max(0, fraction.length - Number(exponent));
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
