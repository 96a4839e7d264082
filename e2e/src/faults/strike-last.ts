import { oneOf, type Ground } from './ground.ts';
import { emptiedTables, emptyTable, replaceTopic, type LastResult } from './lasting-faults.ts';

const EMPTIED = 'a table of the store is emptied';
const REPLACED = 'the topic is deleted and made again';
export const lastKinds: readonly string[] = [EMPTIED, REPLACED];

/** The last fault of a round, by its seed: nothing of the project goes on as it was after it. */
export async function strikeLast(
  ground: Ground,
  seed: number,
  kafka: string,
): Promise<LastResult & { readonly kind: string }> {
  if (seed % 2 === 0) return { kind: REPLACED, ...(await replaceTopic(ground, kafka)) };
  return { kind: EMPTIED, ...(await emptyTable(ground, oneOf(ground.random, emptiedTables))) };
}
