import { ChainHorizon } from './chain-horizon.ts';
import type { Columns } from './columns.ts';
import { IdWords, type KeyAndNumber } from './id-words.ts';
import type { Stream } from './stream.ts';
import { TableHorizon } from './table-horizon.ts';

/** Horizons that tables serve before chains are tried again, at first and at most. */
const shortestRest = 1;
const longestRest = 64;

/**
 * Duplicates by chains while these are cheap, and by tables after a spell in which they were not: no input costs more
 * than a fixed number of steps a row. The two agree on every row, so nobody sees which one answers.
 */
export class SwitchingHorizon {
  private readonly stream: Stream;
  private readonly horizon: number;
  private readonly id: KeyAndNumber;
  private readonly mostCredit: number;
  private chains: ChainHorizon | null;
  /** Null while chains answer. */
  private tables: TableHorizon | null = null;
  /** Where chains are begun anew beside the tables. */
  private chainsFrom = 0;
  /** Where the chains know the whole horizon, and answer again. */
  private answersFrom = 0;
  private rest = shortestRest;

  constructor(stream: Stream, id: KeyAndNumber, mostCredit: number) {
    this.stream = stream;
    this.horizon = stream.dedupeHorizon;
    this.id = id;
    this.mostCredit = mostCredit;
    this.chains = this.newChains();
  }

  /** Do tables answer now? */
  get byTables(): boolean {
    return this.tables !== null;
  }

  /** Marks the duplicates among the batch's applied rows. Batches come in order. */
  mark(columns: Columns): void {
    const { baseOffset } = columns;
    if (this.tables !== null && this.chains !== null && baseOffset >= this.answersFrom) this.tables = null;
    if (this.tables !== null) {
      if (this.chains === null && baseOffset >= this.chainsFrom) {
        this.chains = this.newChains();
        this.answersFrom = baseOffset + this.horizon;
      }
      this.chains?.mark(columns, false);
      this.tables.mark(columns);
      return;
    }
    this.chains ??= this.newChains();
    const row = this.chains.mark(columns);
    if (row < columns.count) this.handOver(this.chains, columns, row);
  }

  /** From this row on, tables. */
  private handOver(chains: ChainHorizon, columns: Columns, row: number): void {
    const position = columns.offsets[row] ?? 0;
    this.tables = new TableHorizon(this.horizon, chains.ids, this.horizon);
    this.tables.takeOver(position, (visit) => {
      chains.forEach(position, visit);
    });
    this.tables.mark(columns, row);
    this.chains = null;
    this.chainsFrom = position + this.rest * this.horizon;
    this.rest = Math.min(this.rest * 2, longestRest);
  }

  private newChains(): ChainHorizon {
    return new ChainHorizon(this.horizon, new IdWords(this.stream), this.id, this.mostCredit);
  }
}
