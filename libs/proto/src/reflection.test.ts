import { loadReflection } from './reflection';

test('Reflection knows every service and what its messages are made of', () => {
  const definitions = loadReflection();
  expect(Object.keys(definitions['attune.v1.EventsService'] ?? {})).toEqual(['PutEvents']);
  expect(Object.keys(definitions['attune.v1.RecommendationsService'] ?? {})).toEqual(['GetRecommendations']);
  expect(definitions).toHaveProperty(['attune.v1.Event']);
  expect(definitions).toHaveProperty(['google.protobuf.Struct']);
});
