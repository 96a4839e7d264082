/** One step of the keyspace's format. Numbers rise by one from 1; a step that was released never changes. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  /** CQL; `$.` stands for the keyspace. Each does no harm when it runs again. */
  readonly statements: readonly string[];
}
