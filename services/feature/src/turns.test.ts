import { setTimeout } from 'node:timers/promises';
import { Turns } from './turns';

test('work that may share goes on side by side; what is alone waits for it, and holds up what comes later', async () => {
  const turns = new Turns();
  const story: string[] = [];
  const told = (name: string) => async () => {
    story.push(`${name} begins`);
    await setTimeout(5);
    story.push(`${name} ends`);
  };
  await Promise.all([
    turns.together(told('a')),
    turns.together(told('b')),
    turns.alone(told('c')),
    turns.alone(told('d')),
    turns.together(told('e')),
  ]);
  expect(story.slice(0, 2)).toEqual(['a begins', 'b begins']);
  expect(story.slice(4)).toEqual(['c begins', 'c ends', 'd begins', 'd ends', 'e begins', 'e ends']);
});

test('work that fails tells its caller, and holds up nobody', async () => {
  const turns = new Turns();
  const failing = async () => {
    throw new Error('no luck');
  };
  const failures = [turns.together(failing), turns.alone(failing), turns.together(failing)];
  const last = turns.alone(async () => 'done');
  for (const failure of failures) await expect(failure).rejects.toThrow('no luck');
  await expect(last).resolves.toBe('done');
});
