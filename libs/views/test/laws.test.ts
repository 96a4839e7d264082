import { measureLaws } from '../src/testing/measure-laws.ts';
import { mixedView, plainView, sensorView } from './sample-views.ts';

measureLaws('count', plainView(['sensorId'], [['n', 'count', null]]));
measureLaws('count of a number', plainView(['sensorId'], [['n', 'count', 'pressure']]));
measureLaws('count of a text', plainView(['site'], [['n', 'count', 'site']]));
measureLaws('sum', plainView(['sensorId'], [['total', 'sum', 'whole']]));
measureLaws('sum of a decimal that may be null', plainView(['state'], [['total', 'sum', 'pressure']]));
measureLaws('avg', plainView(['whole'], [['mean', 'avg', 'pressure']]));
measureLaws('variance', plainView(['sensorId'], [['spread', 'variance', 'wide']]));
measureLaws('stddev of a float', plainView(['day'], [['spread', 'stddev', 'vibration']]));
measureLaws('min', plainView(['sensorId'], [['least', 'min', 'whole']]));
measureLaws('max of what may be null', plainView(['site'], [['most', 'max', 'pressure']]));
measureLaws('min of a text', plainView(['sensorId'], [['first', 'min', 'site']]));
measureLaws('max of an instant', plainView([], [['latest', 'max', 'at']]));
measureLaws('distinct', plainView(['sensorId'], [['sites', 'distinct', 'site']]));
measureLaws('distinct of a number', plainView([], [['days', 'distinct', 'day']], { precision: 6 }));
measureLaws('quantile', plainView(['sensorId'], [['usual', 'quantile', 'whole']]));
measureLaws('quantile of a float', plainView(['site'], [['usual', 'quantile', 'vibration']]));
measureLaws('the headline view', sensorView);
measureLaws('every kind of measure by three dimensions', mixedView);
measureLaws(
  'sessions',
  plainView(
    ['sensorId'],
    [
      ['n', 'count', null],
      ['total', 'sum', 'whole'],
    ],
    { sessionGapMs: 300 },
  ),
);
measureLaws(
  'sessions of extremes and sketches',
  plainView(
    [],
    [
      ['first', 'min', 'site'],
      ['most', 'max', 'pressure'],
      ['spread', 'variance', 'wide'],
      ['sites', 'distinct', 'site'],
      ['middle', 'quantile', 'whole'],
    ],
    { sessionGapMs: 50 },
  ),
);
