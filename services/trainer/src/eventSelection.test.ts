import { eventWeights } from './eventSelection';

const EVENTS = [
  { eventType: 'click' },
  { eventType: 'watch', eventValue: 0.2 },
  { eventType: 'watch', eventValue: 0.9 },
  { eventType: 'rate', eventValue: 4 },
];
const [CLICK, GLANCE, WATCH, RATING] = EVENTS;

test.each([
  ['no settings', {}, EVENTS],
  ['a type', { eventType: 'watch' }, [GLANCE, WATCH]],
  ['a type and a threshold', { eventType: 'watch', solutionConfig: { eventValueThreshold: '0.5' } }, [WATCH]],
  ['a threshold', { solutionConfig: { eventValueThreshold: '0.9' } }, [WATCH, RATING]],
  ['an empty list of types', { solutionConfig: { eventsConfig: { eventParametersList: [] } } }, EVENTS],
  [
    'types with thresholds of their own',
    {
      solutionConfig: {
        eventsConfig: {
          eventParametersList: [{ eventType: 'click' }, { eventType: 'watch', eventValueThreshold: 0.5 }],
        },
      },
    },
    [CLICK, WATCH],
  ],
])('a solution with %s trains on the events that fit', (_what, definition, events) => {
  const weightOf = eventWeights(definition);
  expect(EVENTS.filter((event) => weightOf(event) !== undefined)).toEqual(events);
});

test('types of events weigh what the solution says, and 1 where it says nothing', () => {
  const eventParametersList = [
    { eventType: 'click', weight: 0.2 },
    { eventType: 'watch', weight: 0, eventValueThreshold: 0.5 },
    { eventType: 'rate' },
  ];
  const definition = { solutionConfig: { eventsConfig: { eventParametersList } } };
  expect(EVENTS.map(eventWeights(definition))).toEqual([0.2, undefined, 0, 1]);
});
