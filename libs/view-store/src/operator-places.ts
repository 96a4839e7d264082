/** An operator's place among the progress records: no view can be called so. */
export function operatorLane({ name }: { readonly name: string }): { readonly view: string; readonly version: number } {
  return { view: `operator/${name}`, version: 1 };
}

/** Where the states of all operators of a change stream lie, whatever declared it (E26). */
export function operatorStateFolder({ name }: { readonly name: string }): string {
  return `operators/${name}`;
}

/** What the name of a state says, without its folder. */
export interface OperatorStateName {
  /** First input offset that is not in it. */
  readonly next: number;
  /** Redactions of its partition that it knows: what it holds of rows that later ones erase has to go (E21). */
  readonly redactions: number;
  /** Of which logs it is. */
  readonly logs: string;
}

export function operatorStateName({ next, redactions, logs }: OperatorStateName): string {
  return `${String(next).padStart(16, '0')}${redactions === 0 ? '' : `.r${redactions}`}.${logs}`;
}

/** Null: it is no state's name. Folders before it are left out of account. */
export function parseOperatorStateName(name: string): OperatorStateName | null {
  const [, next, redactions = '0', logs = ''] = /(?:^|\/)(\d{16})(?:\.r(\d+))?\.([0-9a-f]+)$/.exec(name) ?? [];
  return next === undefined ? null : { next: Number(next), redactions: Number(redactions), logs };
}
