/** A name as an SQL identifier. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as an SQL literal. The engine ends a statement at NUL, so that is put together by chr(0). */
export function sqlText(text: string): string {
  const literals = text.split('\0').map((part) => `'${part.replaceAll("'", "''")}'`);
  return literals.length === 1 ? literals.join('') : `(${literals.join(' || chr(0) || ')})`;
}

/** A whole number as a BIGINT: a bare literal is an INTEGER, and its arithmetic overflows at 2^31. */
export function sqlInteger(value: number): string {
  return `CAST(${BigInt(value)} AS BIGINT)`;
}
