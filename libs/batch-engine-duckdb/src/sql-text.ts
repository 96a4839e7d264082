/** A text as an SQL literal. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as an SQL identifier. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The engine reads a path as a pattern; brackets around a pattern's character make it mean itself. */
export function pathPattern(path: string): string {
  return path.replaceAll(/[*?[]/g, '[$&]');
}
