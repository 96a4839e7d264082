import type { Measure } from '@twofold/views';
import { GraphQLBoolean, GraphQLFloat, GraphQLString, type GraphQLOutputType } from 'graphql';
import { listOf, required } from './answer-types.ts';
import { countsType } from './counts-type.ts';
import { errorBound, percent } from './error-bound.ts';
import { bigIntScalar } from './scalars.ts';
import { keyText, scalarOf } from './value-forms.ts';

/** What people are told of a measure. */
export function aboutMeasure(measure: Measure): string {
  const { kind, description, unit } = measure;
  const plain = {
    count: 'Number',
    sum: 'Sum',
    avg: 'Mean',
    min: 'Smallest',
    max: 'Largest',
    variance: 'Variance of the sample',
    stddev: 'Standard deviation of the sample',
    distinct: 'Number of different values',
    first: 'Value at the first event time',
    last: 'Value at the last event time',
    ratio: 'Sum divided by another',
    histogram: measure.kind === 'histogram' ? `Values by bin: below ${edgesText(measure)}, and at or above it` : '',
    countBy: measure.kind === 'countBy' ? `Events by value, while there are at most ${measure.atMost} values` : '',
    reducer: 'Computed by a reducer of the view’s own',
    quantile: measure.kind === 'quantile' ? `The value that ${percent(measure.part)} of all are at most` : '',
  };
  const bound = errorBound(measure);
  return [description ?? `${plain[kind]}.`, bound, unit === null ? null : `Unit: ${unit}.`]
    .filter((text) => text !== null)
    .join(' ');
}

/** The edges as people write them. */
function edgesText({ of, edges }: Extract<Measure, { kind: 'histogram' }>): string {
  return edges.map((edge) => String(keyText(of.type, edge))).join(', ');
}

/** The type of a measure's values; `view` begins the names of types of its own. */
export function measureType(measure: Measure, view: string): GraphQLOutputType {
  switch (measure.kind) {
    case 'count':
    case 'distinct':
      return required(bigIntScalar);
    case 'sum':
    case 'min':
    case 'max':
    case 'first':
    case 'last':
      return scalarOf(measure.of.type);
    case 'histogram':
      return listOf(bigIntScalar);
    case 'countBy':
      return required(
        countsType(`${view}${measure.name.charAt(0).toUpperCase()}${measure.name.slice(1)}`, measure.of.type),
      );
    case 'reducer':
      return { number: GraphQLFloat, text: GraphQLString, boolean: GraphQLBoolean }[measure.reducer.shows];
    default:
      return GraphQLFloat;
  }
}
