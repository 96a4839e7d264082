import { runInThisContext } from 'node:vm';
import { RecordClass, type Columns } from '@twofold/schemas';
import type { PlainView } from './many-views.ts';
import { KINDS, REGIONS, requests, STATUSES } from './request-events.ts';

const TEXTS = ['device', 'region', 'kind'] as const;
type TextField = (typeof TEXTS)[number];
/** More ids than the dictionary of a log has here. */
const IDS = 4_096;
/** How many numbers the groups of a dimension are given. */
const SIZES = { device: IDS, region: REGIONS.length, kind: KINDS.length, status: STATUSES.length } as const;

/** A view's whole fold as one loop: what it counted, and how many partials it has. */
export interface FusedFold {
  apply(columns: Columns, tables: Tables): void;
  counted(): number;
  clear(): void;
}

/** What the loops look up by a text's id or a status: made once for each batch, for all of them. */
export class Tables {
  private readonly verdicts = new Map<string, Uint8Array>();
  private readonly numbers = new Map<TextField, Int32Array>();
  private columns: Columns | null = null;

  begin(columns: Columns): void {
    this.columns = columns;
    this.fill();
  }

  /** By a text's id: 1 when it is one of the texts, which stand with commas between. */
  isOneOf(field: TextField, texts: string): Uint8Array {
    const name = `${field}:${texts}`;
    const known = this.verdicts.get(name) ?? new Uint8Array(IDS);
    if (this.verdicts.has(name)) return known;
    this.verdicts.set(name, known);
    this.fill();
    return known;
  }

  /** By a text's id: its place in the list of the field's texts. */
  placeOf(field: TextField): Int32Array {
    const known = this.numbers.get(field) ?? new Int32Array(IDS);
    if (this.numbers.has(field)) return known;
    this.numbers.set(field, known);
    this.fill();
    return known;
  }

  private fill(): void {
    for (const [name, verdicts] of this.verdicts) {
      const [field = '', texts = ''] = name.split(':');
      const wanted = texts.split(',');
      this.each(field, (id, text) => (verdicts[id] = Number(wanted.includes(text))));
    }
    for (const [field, places] of this.numbers) {
      const list: readonly string[] = field === 'region' ? REGIONS : KINDS;
      this.each(field, (id, text) => (places[id] = Math.max(0, list.indexOf(text))));
    }
  }

  private each(field: string, take: (id: number, text: string) => void): void {
    const column = this.columns?.fields[requests.fields.findIndex(({ name }) => name === field)];
    if (column?.kind !== 'text') return;
    for (let id = 0; id < column.dictionary.size; id++) take(id, column.dictionary.text(id));
  }
}

/**
 * The limit of a fold: what somebody would write by hand for exactly this view of these columns, condition, slot and
 * components in one pass, compiled for itself. It takes fields, keys and a number of texts for granted, shares nothing,
 * forgets nothing but all, writes no rows, and adds beyond 2^53 without noticing.
 */
export function fusedFold({ code, keys, paneMs }: PlainView): FusedFold {
  const make = runInThisContext(sourceOf(code, keys, paneMs)) as () => FusedFold;
  return make();
}

function sourceOf(code: string, keys: PlainView['keys'], paneMs: number): string {
  const tables: string[] = [];
  const condition = code.replaceAll(/\{(\w+):([^}]*)\}/g, (_, field: string, texts: string) => {
    tables.push(`tables.isOneOf('${field}', '${texts}')`);
    return `table${tables.length - 1}[${field}[row]] === 1`;
  });
  let group = '0';
  let groups = 1;
  for (const key of keys) {
    group = `(${group} * ${SIZES[key]} + ${placeOf(key, tables)})`;
    groups *= SIZES[key];
  }
  const columns = requests.fields.map(({ name }, i) => {
    const isText = (TEXTS as readonly string[]).includes(name);
    return `const ${name} = columns.fields[${i}].${isText ? 'ids' : 'values'};`;
  });
  return `(() => {
    const lasts = new Int32Array(${groups}).fill(-1);
    let capacity = 2048, used = 0, lastPane = NaN, lastEnd = NaN;
    let data = new Float64Array(capacity * 4), groupOf = new Int32Array(capacity), places = new Int32Array(capacity * 2);
    const hash = (group, pane) => (Math.imul(group, 0x9e3779b1) ^ Math.imul((pane / ${paneMs}) | 0, 0x85ebca6b)) >>> 7;
    const grow = () => {
      capacity *= 2;
      const [oldData, oldGroups] = [data, groupOf];
      data = new Float64Array(capacity * 4); data.set(oldData);
      groupOf = new Int32Array(capacity); groupOf.set(oldGroups);
      places = new Int32Array(capacity * 2);
      for (let slot = 0; slot < used; slot++) {
        let at = hash(groupOf[slot], data[slot * 4]) & (capacity * 2 - 1);
        while (places[at] !== 0) at = (at + 1) & (capacity * 2 - 1);
        places[at] = slot + 1;
      }
    };
    const find = (group, pane) => {
      for (let at = hash(group, pane) & (capacity * 2 - 1); ; at = (at + 1) & (capacity * 2 - 1)) {
        const slot = places[at] - 1;
        if (slot >= 0 && data[slot * 4] === pane && groupOf[slot] === group) return slot;
        if (slot >= 0) continue;
        places[at] = used + 1;
        data[used * 4] = pane; groupOf[used] = group;
        if (++used === capacity) { grow(); }
        return used - 1;
      }
    };
    return {
      clear() { places.fill(0); data.fill(0, 0, used * 4); lasts.fill(-1); used = 0; },
      counted() { let sum = 0; for (let slot = 0; slot < used; slot++) sum += data[slot * 4 + 1]; return sum; },
      apply(columns, tables) {
        ${columns.join('\n')}
        ${tables.map((table, i) => `const table${i} = ${table};`).join('\n')}
        const { count, classes, eventTimes } = columns;
        let of = data, pane = lastPane, end = lastEnd;
        for (let row = 0; row < count; row++) {
          if (classes[row] !== ${RecordClass.applied} || !(${condition})) continue;
          const time = eventTimes[row];
          if (!(time >= pane && time < end)) { pane = Math.floor(time / ${paneMs}) * ${paneMs}; end = pane + ${paneMs}; }
          const group = ${group};
          let slot = lasts[group];
          if (slot < 0 || of[slot * 4] !== pane) { slot = find(group, pane); lasts[group] = slot; of = data; }
          const at = slot * 4;
          of[at + 1] += 1;
          of[at + 2] += bytes[row];
          const most = took[row];
          if (most > of[at + 3]) of[at + 3] = most;
        }
        lastPane = pane; lastEnd = end;
      },
    };
  })`;
}

/** The code of a row's number in one dimension. */
function placeOf(key: PlainView['keys'][number], tables: string[]): string {
  if (key === 'device') return 'device[row]';
  if (key === 'status') return `[${STATUSES.join(', ')}].indexOf(status[row])`;
  tables.push(`tables.placeOf('${key}')`);
  return `table${tables.length - 1}[${key}[row]]`;
}
