import type { Measure, View } from '@twofold/views';
import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLFloat,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigMap,
  type GraphQLOutputType,
  type GraphQLScalarType,
} from 'graphql';
import {
  consistency,
  freshness,
  grain,
  layerSelection,
  listOf,
  orderDirection,
  pageInfo,
  provenance,
  required,
  timeRange,
} from './answer-types.ts';
import { aboutMeasure, measureType } from './measure-type.ts';
import { BY_WINDOW } from './order-rows.ts';
import { resolveView } from './resolve-view.ts';
import { rowShapeOf } from './row-shape.ts';
import { rowTextScalar } from './row-text.ts';
import { dateTimeScalar, durationScalar, durationText } from './scalars.ts';
import { selectionOf } from './selection.ts';
import type { RequestContext, Serving } from './serving-context.ts';
import { scalarOf } from './value-forms.ts';
import { FIRST_DEFAULT, FIRST_MAX, type ViewArguments } from './view-arguments.ts';

type Context = RequestContext;
/** What resolvers give for the rows of a view: clients see no difference. */
export type RowsAs = 'OBJECTS' | 'TEXT';

type Fields = GraphQLFieldConfigMap<unknown, Context>;

/** `sensorMinute` → `SensorMinute`. */
export function typeNameOf(view: View): string {
  return view.name.charAt(0).toUpperCase() + view.name.slice(1);
}

/** `vibrationMax` → `VIBRATION_MAX`. */
export function enumNameOf(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
}

/** The root field of one view, with the types of its rows. */
export function viewField(
  view: View,
  serving: Serving,
  filterOf: (of: GraphQLScalarType) => GraphQLInputObjectType,
  rowsAs: RowsAs,
): GraphQLFieldConfig<unknown, Context, ViewArguments> {
  const key = keyInput(view, filterOf);
  return {
    type: connectionOf(view, rowsAs),
    description: aboutView(view),
    args: {
      ...(key === null ? {} : { key: { type: key } }),
      timeRange: { type: new GraphQLNonNull(timeRange) },
      ...(view.window.kind === 'session' ? {} : grainArguments),
      orderBy: { type: new GraphQLList(new GraphQLNonNull(orderInput(view))) },
      first: { type: GraphQLInt, defaultValue: FIRST_DEFAULT, description: `Rows of a page; at most ${FIRST_MAX}.` },
      after: { type: GraphQLString, description: 'The endCursor of the page before.' },
      layer: { type: layerSelection, defaultValue: 'MERGED' },
      consistency: { type: consistency, defaultValue: 'LATEST' },
      maxStaleness: { type: durationScalar, description: 'Refuse an answer that is older.' },
    },
    resolve: (_, args, context, info) => {
      const shape = rowsAs === 'TEXT' ? rowShapeOf(info.fieldNodes[0]) : null;
      return resolveView(view, args, { selection: selectionOf(info), shape }, serving, context.request.signal);
    },
  };
}

const grainArguments = {
  grain: { type: grain, description: 'Windows of this width, side by side, instead of the view’s own.' },
  zone: {
    type: GraphQLString,
    description: 'Whose clocks and calendar, by IANA name: with a grain of an hour or more; UTC unless told.',
  },
};

function aboutWindows({ window }: View): string {
  if (window.kind === 'session') return `Sessions: runs of events at most ${durationText(window.gapMs)} apart.`;
  if (window.kind === 'calendar') return `Windows of a ${window.grain} in ${window.zone}.`;
  const size = `Windows of ${durationText(window.sizeMs)}`;
  return window.kind === 'sliding' ? `${size}, every ${durationText(window.everyMs)}.` : `${size}.`;
}

function aboutView(view: View): string {
  return [view.description, aboutWindows(view)].filter((text) => text !== null).join(' ');
}

function connectionOf(view: View, rowsAs: RowsAs): GraphQLObjectType<unknown, Context> {
  const name = typeNameOf(view);
  // The types of counted values are made once, for rows and totals alike.
  const made = new Map(view.measures.map((measure) => [measure, measureType(measure, name)]));
  const types = (measure: Measure): GraphQLOutputType => made.get(measure) ?? GraphQLFloat;
  const node = new GraphQLObjectType<unknown, Context>({
    name,
    description: `A window of view ${view.name}.`,
    fields: { ...windowFields(), ...dimensionFields(view), ...valueFields(view, types) },
  });
  const edge = new GraphQLObjectType<unknown, Context>({
    name: `${name}Edge`,
    fields: { cursor: { type: required(GraphQLString) }, node: { type: required(node) } },
  });
  const totals = new GraphQLObjectType<unknown, Context>({
    name: `${name}Totals`,
    description: 'Over all windows of the answer, before paging; an event in several windows is counted once.',
    fields: valueFields(view, types),
  });
  return new GraphQLObjectType<unknown, Context>({
    name: `${name}Connection`,
    fields: {
      nodes: { type: rowsAs === 'TEXT' ? required(rowTextScalar) : listOf(node) },
      edges: { type: listOf(edge) },
      pageInfo: { type: required(pageInfo) },
      totals: { type: totals },
      provenance: { type: required(provenance) },
      freshness: { type: required(freshness) },
    },
  });
}

function windowFields(): Fields {
  return {
    windowStart: { type: required(dateTimeScalar), description: 'First instant of the window.' },
    windowEnd: {
      type: required(dateTimeScalar),
      description: 'First instant after the window; of a session, a millisecond after its last event.',
    },
    complete: {
      type: required(GraphQLBoolean),
      description: 'No event is expected to be added, lateness included. A later one counts all the same.',
    },
  };
}

function dimensionFields(view: View): Fields {
  return Object.fromEntries(
    view.dimensions.map(({ name, expr }) => {
      const type = scalarOf(expr.type);
      return [name, { type: expr.type.nullable ? type : required(type) }];
    }),
  );
}

function valueFields(view: View, types: (measure: Measure) => GraphQLOutputType): Fields {
  const fields: Fields = {};
  for (const measure of view.measures)
    fields[measure.name] = { type: types(measure), description: aboutMeasure(measure) };
  for (const { name, expr, unit } of view.derived)
    fields[name] = {
      type: expr.type.kind === 'boolean' ? GraphQLBoolean : GraphQLFloat,
      description: unit === null ? 'Derived.' : `Derived. Unit: ${unit}.`,
    };
  return fields;
}

/** The `key` argument: required when every access path names a dimension; null: the view has no key. */
function keyInput(
  view: View,
  filterOf: (of: GraphQLScalarType) => GraphQLInputObjectType,
): GraphQLInputObjectType | GraphQLNonNull<GraphQLInputObjectType> | null {
  const named = view.dimensions.filter(({ name }) => view.serve.some(({ key }) => key.includes(name)));
  if (named.length === 0) return null;
  const fields = named.map(({ name, expr }) => {
    const filter = filterOf(scalarOf(expr.type));
    const always = view.serve.every(({ key }) => key.length === 0 || key.includes(name));
    return [name, { type: always ? new GraphQLNonNull(filter) : filter }] as const;
  });
  const input = new GraphQLInputObjectType({
    name: `${typeNameOf(view)}Key`,
    description: 'Which keys are read.',
    fields: Object.fromEntries(fields),
  });
  return view.serve.some(({ key }) => key.length === 0) ? input : new GraphQLNonNull(input);
}

function orderInput(view: View): GraphQLInputObjectType {
  const name = typeNameOf(view);
  const ordered = view.measures.filter(({ kind }) => kind !== 'histogram' && kind !== 'countBy');
  const members = [...view.dimensions, ...ordered, ...view.derived].map((member) => member.name);
  const values = [BY_WINDOW, ...members].map(
    (value) => [value === BY_WINDOW ? BY_WINDOW : enumNameOf(value), { value }] as const,
  );
  return new GraphQLInputObjectType({
    name: `${name}Order`,
    description: 'Ties are ordered by window, then key. An ordered answer is a snapshot.',
    fields: {
      field: {
        type: new GraphQLNonNull(
          new GraphQLEnumType({ name: `${name}OrderField`, values: Object.fromEntries(values) }),
        ),
      },
      direction: { type: new GraphQLNonNull(orderDirection), defaultValue: 'ASC' },
    },
  });
}
