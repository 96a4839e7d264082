import type { ExecutionResult } from 'graphql';
import { RowText } from './row-text.ts';

/** What `JSON.stringify` gives for a result without errors; texts of rows are spliced in as they are. */
export function resultText({ data }: ExecutionResult): string {
  if (data === null || data === undefined) return JSON.stringify({ data });
  const texts: string[] = [];
  for (const [name, value] of Object.entries(data))
    if (value !== undefined) texts.push(`${JSON.stringify(name)}:${fieldText(value)}`);
  return `{"data":{${texts.join()}}}`;
}

function fieldText(field: unknown): string {
  if (typeof field !== 'object' || field === null || Array.isArray(field)) return JSON.stringify(field);
  const texts: string[] = [];
  for (const [name, value] of Object.entries(field))
    if (value !== undefined)
      texts.push(`${JSON.stringify(name)}:${value instanceof RowText ? value.text : JSON.stringify(value)}`);
  return `{${texts.join()}}`;
}
