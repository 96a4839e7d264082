import { oraclePartials, type ClassifiedRecord, type Value } from '@twofold/oracle';
import {
  encodeChunk,
  type Component,
  type ComponentColumn,
  type DimensionColumn,
  type ExprType,
  type PartialColumns,
  type View,
} from '@twofold/views';

/** The oracle's partials of a view's finest panes, in canonical bytes. */
export function oracleChunk(view: View, log: readonly ClassifiedRecord[]): Uint8Array {
  const partials = oraclePartials(view, log);
  const columns: PartialColumns = {
    count: partials.length,
    dimensions: view.dimensions.map(({ expr }, i) =>
      dimensionColumn(
        expr.type,
        partials.map(({ key }) => key[i] ?? null),
      ),
    ),
    panes: Float64Array.from(partials, ({ pane }) => pane),
    partitions: null,
    slices: null,
    components: view.components.map((component, i) =>
      componentColumn(
        component,
        partials.map(({ components }) => components[i] ?? null),
      ),
    ),
  };
  return encodeChunk(view, columns, view.levels[0]?.widthMs ?? 1).bytes;
}

function dimensionColumn(type: ExprType, values: readonly (number | string | boolean | null)[]): DimensionColumn {
  if (type.kind === 'text') return { kind: 'text', texts: values.map((value) => textOf(value)) };
  return numberColumn(values.map((value) => (value === null ? null : BigInt(value))));
}

function componentColumn(component: Component, values: readonly Value[]): ComponentColumn {
  switch (component.kind) {
    case 'rows':
    case 'count':
      return { kind: 'count', values: Float64Array.from(values, Number) };
    case 'sum':
    case 'sumSquares': {
      const units = values.map((value) => BigInt(value ?? 0));
      return {
        kind: 'sum',
        low: BigUint64Array.from(units, (value) => BigInt.asUintN(64, value)),
        high: BigInt64Array.from(units, (value) => value >> 64n),
      };
    }
    case 'distinct':
    case 'bins':
    case 'histogram':
    case 'countBy':
    case 'first':
    case 'last':
    case 'reducer':
      return { kind: 'text', texts: values.map(textOf) };
    case 'lastTime':
      return numberColumn(values);
    default:
      return component.of.type.kind === 'text' ? { kind: 'text', texts: values.map(textOf) } : numberColumn(values);
  }
}

function numberColumn(values: readonly Value[]): Extract<ComponentColumn, { kind: 'number' }> {
  return {
    kind: 'number',
    values: Float64Array.from(values, (value) => Number(value ?? 0)),
    valid: Uint8Array.from(values, (value) => (value === null ? 0 : 1)),
  };
}

function textOf(value: Value | number | boolean): string | null {
  return typeof value === 'string' ? value : null;
}
