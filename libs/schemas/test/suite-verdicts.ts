import { runInNewContext } from 'node:vm';
import * as schemas from '../src/index.ts';
import { createDecoder, importJsonSchema, RecordClass, type Stream } from '../src/index.ts';
import { memoryBatch } from '../src/testing/index.ts';

/** A group of the JSON Schema test suite. */
export interface SuiteGroup {
  readonly description: string;
  readonly schema: unknown;
  readonly tests: readonly { readonly description: string; readonly data: unknown; readonly valid: boolean }[];
}

/** What became of the suite: how many groups and tests were checked, and why the others could not be. */
export interface SuiteReport {
  readonly imported: number;
  readonly tests: number;
  /** Keyword of the place that was refused, and how often. */
  readonly refused: Map<string, number>;
  readonly differences: string[];
}

/** The stream that an imported module declares. */
export function declared(source: string): Stream {
  const script = source.replace(/^import .*$/m, '').replace(/^export const \w+ = /m, '');
  return runInNewContext(script, { ...schemas }) as Stream;
}

const encoder = new TextEncoder();
const time = Date.UTC(2026, 0, 1);

/** Which of these messages are events of the stream. */
export function accepted(stream: Stream, messages: readonly string[]): boolean[] {
  const decoder = createDecoder(stream);
  return messages.map((message) => {
    const batch = memoryBatch(0, 0, [{ key: null, value: encoder.encode(message), time }]);
    return decoder.decode(batch).classes[0] === RecordClass.applied;
  });
}

type Members = Readonly<Record<string, unknown>>;

/** One importable form of a group: the schema of a message, and for each test the message and whether it is valid. */
interface Variant {
  readonly schema: Members;
  readonly cases: readonly { readonly message: string; readonly valid: boolean }[];
}

/** A number that no column holds: streams say so, and reject it. */
const beyond = (data: unknown): boolean => typeof data === 'number' && Math.abs(data) > 2 ** 53 / 1_000;

const roles = { zid: { type: 'integer', minimum: 0, maximum: 9 }, zat: { type: 'string', format: 'date-time' } };
const roleValues = { zid: 1, zat: '2026-01-01T00:00:00Z' };
const required = Object.keys(roles);

const isOf: Readonly<Record<string, (data: unknown) => boolean>> = {
  string: (data) => typeof data === 'string',
  integer: (data) => Number.isInteger(data),
  number: (data) => typeof data === 'number',
  boolean: (data) => typeof data === 'boolean',
};

/**
 * A stream has objects with typed fields; most groups are about any value. A schema that also asks for a type passes
 * what passes both: so each group is tried as the schema of one field, as it is and with each type, and as the schema
 * of a whole message. Texts get a maxLength that no text of the suite exceeds, so that nothing has to be noted.
 */
function variantsOf(group: SuiteGroup): Variant[] {
  const { schema, tests } = group;
  const variants = [fieldVariant(schema, tests, () => true)];
  if (!isMembers(schema)) return variants;
  if (schema['type'] === undefined && schema['$ref'] === undefined)
    for (const [type, is] of Object.entries(isOf)) variants.push(fieldVariant({ type, ...schema }, tests, is));
  variants.push(messageVariant(schema, tests));
  return variants;
}

function fieldVariant(schema: unknown, tests: SuiteGroup['tests'], is: (data: unknown) => boolean): Variant {
  const { $schema: draft, ...plain } = isMembers(schema) ? schema : {};
  const bounded = plain['type'] === 'string' && plain['enum'] === undefined;
  const short = bounded ? { maxLength: 1024, ...plain } : isMembers(schema) ? plain : schema;
  // References start at the whole document, of which the schema is now a part.
  const moved: unknown = JSON.parse(JSON.stringify(short).replaceAll('"$ref":"#/', '"$ref":"#/properties/value/'));
  return {
    schema: {
      ...(draft === undefined ? {} : { $schema: draft }),
      ...{ type: 'object', properties: { value: moved, ...roles }, required: ['value', ...required] },
    },
    cases: tests
      .filter(({ data }) => !beyond(data))
      .map(({ data, valid }) => ({
        message: JSON.stringify({ value: data, ...roleValues }),
        valid: valid && is(data),
      })),
  };
}

function messageVariant(schema: Members, tests: SuiteGroup['tests']): Variant {
  const { properties, required: asked } = schema;
  return {
    schema: {
      type: 'object',
      ...schema,
      properties: { ...(isMembers(properties) ? properties : {}), ...roles },
      required: [...(Array.isArray(asked) ? (asked as readonly unknown[]) : []), ...required],
    },
    cases: tests.map(({ data, valid }) => ({
      message: JSON.stringify(isMembers(data) ? { ...data, ...roleValues } : data),
      valid: valid && isMembers(data),
    })),
  };
}

/** Imports every form of every group, and compares what the streams then accept with what the suite says. */
export function suiteReport(groups: readonly SuiteGroup[]): SuiteReport {
  const refused = new Map<string, number>();
  const differences: string[] = [];
  let [imported, tests] = [0, 0];
  for (const group of groups)
    for (const { schema, cases } of variantsOf(group)) {
      const { source, problems, notes } = importJsonSchema(schema, {
        ...{ name: 'suite', id: ['zid'], eventTime: 'zat', numbers: { kind: 'decimal', scale: 3 } },
      });
      for (const { path } of problems) {
        const keyword = path.split('/').at(-1) ?? path;
        refused.set(keyword, (refused.get(keyword) ?? 0) + 1);
      }
      if (source === null) continue;
      imported++;
      const takes = new Set(
        notes
          .filter(
            ({ path, message }) => !path.startsWith('#/properties/zat') && !message.includes('bounds on both sides'),
          )
          .map((note) => note.takes),
      );
      const less = takes.has('less') || takes.has('both');
      const more = takes.has('more') || takes.has('both');
      const verdicts = accepted(
        declared(source),
        cases.map(({ message }) => message),
      );
      cases.forEach(({ message, valid }, i) => {
        const taken = verdicts[i] ?? false;
        if ((less && valid) || (more && !valid)) return;
        tests++;
        if (taken !== valid)
          differences.push(
            `${group.description}: ${message} is ${valid ? '' : 'in'}valid for ${JSON.stringify(schema)}`,
          );
      });
    }
  return { imported, tests, refused, differences };
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
