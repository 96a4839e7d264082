import type { FieldImport } from './import-field.ts';
import type { SchemaObject } from './json-schema-nodes.ts';

export interface StreamParts {
  readonly name: string;
  readonly description: string | null;
  readonly fields: readonly FieldImport[];
  /** The stream's own settings, where the schema was exported from one. */
  readonly own: SchemaObject;
  readonly id: readonly string[];
  readonly eventTime: string;
}

/** A TypeScript module that declares the stream. */
export function streamSource({ name, description, fields, own, id, eventTime }: StreamParts): string {
  const imports = [...new Set(['stream', ...fields.flatMap((field) => [field.builder, ...field.more])])].sort();
  const variable = name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return [
    `import { ${imports.join(', ')} } from '@twofold/schemas';`,
    '',
    `export const ${variable} = stream(${literal(name)}, {`,
    ...(description === null ? [] : [`  description: ${literal(description)},`]),
    '  fields: {',
    ...fields.map((field) => `    ${field.name}: ${field.code},`),
    '  },',
    `  id: [${id.map(literal).join(', ')}],`,
    `  eventTime: ${literal(eventTime)},`,
    ...settings(own).map((line) => `  ${line},`),
    '});',
    '',
  ].join('\n');
}

/** Text as a literal of TypeScript, in single quotes. */
export function literal(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1);
  return `'${inner.replace(/\\(.)|'/gs, (found, escaped: string | undefined) => (found === "'" ? "\\'" : escaped === '"' ? '"' : found))}'`;
}

/** Only settings of the right kind are taken; `stream()` checks what they say. */
function settings(own: SchemaObject): string[] {
  const lines: string[] = [];
  const { partitionKey, latenessMs, skewMs, compatibility } = own;
  if (typeof partitionKey === 'string') lines.push(`partitionKey: ${literal(partitionKey)}`);
  if (typeof latenessMs === 'number') lines.push(`lateness: '${durationOf(latenessMs)}'`);
  if (skewMs === null) lines.push('skew: null');
  else if (typeof skewMs === 'number') lines.push(`skew: '${durationOf(skewMs)}'`);
  for (const name of ['dedupeHorizon', 'sliceSize', 'maxRecordBytes', 'version'])
    if (typeof own[name] === 'number') lines.push(`${name}: ${own[name]}`);
  if (typeof compatibility === 'string') lines.push(`compatibility: ${literal(compatibility)}`);
  return lines;
}

/** In the largest unit that it is a whole number of. */
function durationOf(ms: number): string {
  for (const [unit, length] of Object.entries({ d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 }))
    if (ms > 0 && ms % length === 0) return `${ms / length}${unit}`;
  return `${ms}ms`;
}
