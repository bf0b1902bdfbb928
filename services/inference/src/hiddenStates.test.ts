import { eventId, itemId } from '@attune/domain';
import { historyOf, Scorer } from '@attune/recommender';
import type { HistoryEvent } from '@attune/session';
import { countAdded, HiddenStates } from './hiddenStates';
import { testModel } from './testModel';

/** Events about these items, one a second; each letter is an item and, with its place, an event. */
function history(items: string): HistoryEvent[] {
  return [...items].map((item, second) => ({
    eventId: eventId(`${item}${second}`),
    eventType: 'click',
    itemId: itemId(item),
    timestamp: second * 1000,
  }));
}

describe('how many events a history has gained', () => {
  const whole = history('abcdef');

  test('those at its end', () => {
    expect(countAdded(whole.slice(0, 4), whole)).toBe(2);
    expect(countAdded(whole, whole)).toBe(0);
  });

  test('also where as many or fewer have fallen out at its beginning', () => {
    expect(countAdded(whole.slice(0, 4), whole.slice(2))).toBe(2);
    expect(countAdded(whole.slice(0, 4), whole.slice(1))).toBe(2);
  });

  test('equal events count as the same though they are other objects', () => {
    expect(countAdded(history('abcd'), history('abcdef'))).toBe(2);
  });

  test.each([
    ['more have fallen out than came in', whole.slice(0, 4), whole.slice(3, 5)],
    ['an event came in between', whole.toSpliced(2, 1), whole],
    ['an event went away', whole, whole.toSpliced(2, 1)],
    ['the last event went away', whole, whole.slice(0, 5)],
    ['nothing is left', whole, []],
    ['there was nothing', [], whole],
    ['it is another history', history('abc'), history('xyz')],
  ])('unknown where %s', (_, earlier, later) => {
    expect(countAdded(earlier, later)).toBeUndefined();
  });
});

/** The same as the model reads it: items by index, one a second. */
const read = (items: number[], seconds: number[] = [...items.keys()]) =>
  historyOf(items.map((item, place) => ({ item, timestamp: seconds[place]! * 1000 })));

describe('the state of a user', () => {
  const scorer = new Scorer(testModel({ itemIds: ['a', 'b', 'c', 'd'] }));
  let states: HiddenStates;
  beforeEach(() => {
    states = new HiddenStates(scorer);
  });

  test('is made from the whole history first', () => {
    const { state, known, source } = states.stateAfter('u', history('abc'));
    expect(state).toEqual(scorer.stateOf(read([0, 1, 2])));
    expect({ known, source }).toEqual({ known: 3, source: 'recomputed' });
  });

  test('advances by the new events alone, to the same state', () => {
    states.stateAfter('u', history('abc'));
    const advance = jest.spyOn(scorer, 'advance');
    const { state, known, source } = states.stateAfter('u', history('abcda'));
    expect(advance).toHaveBeenCalledTimes(2);
    advance.mockRestore();
    expect(state).toEqual(scorer.stateOf(read([0, 1, 2, 3, 0])));
    expect({ known, source }).toEqual({ known: 5, source: 'advanced' });
  });

  test('is made anew where an event arrives late', () => {
    states.stateAfter('u', history('abd'));
    const late = { ...history('abc')[2]!, timestamp: 1500 };
    const { state, source } = states.stateAfter('u', history('abd').toSpliced(2, 0, late));
    expect(state).toEqual(scorer.stateOf(read([0, 1, 2, 3], [0, 1, 1.5, 2])));
    expect(source).toBe('recomputed');
  });

  test('passes over events about items that the model does not know, or about none', () => {
    const { itemId: _, ...search } = history('a')[0]!;
    const { state, known } = states.stateAfter('u', [...history('axb'), search]);
    expect(state).toEqual(scorer.stateOf(read([0, 1], [0, 2])));
    expect(known).toBe(2);
  });

  test('belongs to one user', () => {
    states.stateAfter('u', history('abc'));
    expect(states.stateAfter('v', history('d')).state).toEqual(scorer.stateOf(read([3])));
  });
});
