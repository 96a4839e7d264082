/**
 * A row that means nothing, in each table whose rows answers are made of. It is written before the store is, and removed by
 * nobody: where it is missing, the table was emptied behind the store's back, and what is still there would be answered
 * as if it were all (E5).
 */
export interface GuardRow {
  readonly table: string;
  /** Both take the project, and the incarnation with the ending. */
  readonly insert: string;
  readonly select: string;
  readonly ending: string;
}

/** Is a row there? By statement and parameters, of a quorum. */
export type FindRow = (query: string, params: readonly string[]) => Promise<boolean>;

/** The first of the tables that was emptied; null: none was. */
export async function emptiedTable(
  guards: readonly GuardRow[],
  of: { readonly project: string; readonly incarnation: string },
  find: FindRow,
): Promise<string | null> {
  const there = await Promise.all(
    guards.map(({ select, ending }) => find(select, [of.project, of.incarnation + ending])),
  );
  return guards.find((_, i) => there[i] === false)?.table ?? null;
}

/** No view, part or build is named so. */
export const nobodysName = '-';
const nobody = `'${nobodysName}'`;

function guardRow(table: string, columns: Readonly<Record<string, string>>, unasked: readonly string[] = []): GuardRow {
  const names = Object.keys(columns);
  const key = names.filter((name) => !unasked.includes(name)).map((name) => `AND ${name} = ${columns[name] ?? ''}`);
  return {
    table,
    insert: `INSERT INTO $.${table} (project, incarnation, ${names.join(', ')}) VALUES (?, ?, ${Object.values(columns).join(', ')})`,
    select: `SELECT project FROM $.${table} WHERE project = ? AND incarnation = ? ${key.join(' ')}`,
    ending: '',
  };
}

/** A store that is new has no control row yet: the guard stands beside it. */
const controlGuard: GuardRow = {
  table: 'control',
  insert: 'INSERT INTO $.control (project, incarnation) VALUES (?, ?)',
  select: 'SELECT project FROM $.control WHERE project = ? AND incarnation = ?',
  ending: '/guard',
};

const view = { '"view"': nobody, version: '0', partition: '-1' };

/** Of the tables in which nothing else would tell that rows are missing: looked for with every read of the control row. */
export const readGuards: readonly GuardRow[] = [
  controlGuard,
  guardRow('speed_blocks', { ...view, block: '0' }),
  guardRow('speed_rows', { ...view, block: '0', bucket: '-1', start: '0', '"end"': '0', cell: '0x' }, ['cell']),
  guardRow('progress', { ...view, lane: nobody, cell: '0x' }, ['cell']),
];

/** Beside them those of the tables whose rows are named elsewhere: a reader finds that one is missing. Looked for when a store is opened. */
export const guardRows: readonly GuardRow[] = [
  ...readGuards,
  guardRow('chunk_directory', { part: nobody, number: '-1' }),
  guardRow('chunks', { part: nobody, number: '-1' }),
  guardRow('build_indexes', { build: nobody }),
];
