import { migrations } from './migrations/migrate.ts';

/** The statements that make the store's tables, in the order of their migrations, as they are run in a keyspace. */
export function tableStatements(keyspace: string): readonly string[] {
  return migrations.flatMap(({ statements }) =>
    statements.map((statement) => statement.replaceAll('$.', `${keyspace}.`)),
  );
}
