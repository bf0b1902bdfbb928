import type { SolutionDefinition, SolutionVersion } from '@attune/database';
import { dueTraining } from './trainingSchedule';

const DAY = 24 * 3600 * 1000;
const HOUR = 3600 * 1000;
const weekly = {
  performAutoTraining: true,
  solutionConfig: { autoTrainingConfig: { schedulingExpression: 'rate(7 days)' } },
};

const version = (createdAt: number, settings: Partial<SolutionVersion> = {}) =>
  ({ createdAt, status: 'ACTIVE', trainingMode: 'FULL', ...settings }) as SolutionVersion;

function due(definition: SolutionDefinition, versions: readonly SolutionVersion[], now: number, settings = {}) {
  const facts = { deployed: true, updateIntervalMs: 2 * HOUR, now, ...settings };
  return dueTraining({ definition, createdAt: 0 }, versions, facts);
}

describe('an update', () => {
  test('is due one interval after the latest version of a deployed solution', () => {
    expect(due({}, [version(0)], 2 * HOUR - 1)).toBeUndefined();
    expect(due({}, [version(0)], 2 * HOUR)).toBe('UPDATE');
    expect(due({}, [version(0)], 2 * HOUR, { deployed: false })).toBeUndefined();
    expect(due({}, [version(0)], 2 * HOUR, { updateIntervalMs: 0 })).toBeUndefined();
  });

  test('counts from the latest attempt, in failure too', () => {
    const versions = [version(HOUR, { status: 'CREATE FAILED', trainingMode: 'UPDATE' }), version(0)];
    expect(due({}, versions, 2 * HOUR)).toBeUndefined();
    expect(due({}, versions, 3 * HOUR)).toBe('UPDATE');
  });

  test('needs a version that is ACTIVE', () => {
    expect(due({}, [version(0, { status: 'CREATE FAILED' })], DAY)).toBeUndefined();
  });
});

describe('a full training', () => {
  test('is due an hour after a solution was created that trains by itself, and then by its schedule', () => {
    expect(due(weekly, [], HOUR - 1)).toBeUndefined();
    expect(due(weekly, [], HOUR)).toBe('FULL');
    expect(due(weekly, [version(DAY)], 8 * DAY - 1, { updateIntervalMs: 0 })).toBeUndefined();
    expect(due(weekly, [version(DAY)], 8 * DAY)).toBe('FULL');
  });

  test('is not put off by updates', () => {
    const versions = [version(7 * DAY - HOUR, { trainingMode: 'UPDATE' }), version(0)];
    expect(due(weekly, versions, 7 * DAY)).toBe('FULL');
  });

  test('is never due without performAutoTraining', () => {
    expect(due({ ...weekly, performAutoTraining: false }, [], 100 * DAY)).toBeUndefined();
  });
});
