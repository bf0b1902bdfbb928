import { SIMULATED } from '@attune/world';
import { printFigure } from '../figure';
import type { PolicyResult } from './results';

/** Names of the policies that the goals are about. */
export interface GoalPolicies {
  relevance: string;
  exploring: string;
  /** Gives exploration as many places. */
  peer: string;
}

/** Prints how the exploring policy stands against the goals, as far as the policies were measured. */
export function printGoals(results: readonly PolicyResult[], names: GoalPolicies): void {
  const [relevance, exploring, peer] = [names.relevance, names.exploring, names.peer].map((name) =>
    results.find(({ policy }) => policy === name),
  );
  if (!exploring) return;
  const print = (name: string, value: number, unit: string, goal: number) =>
    printFigure({ name: `world goal: ${name}`, value, unit: `${unit} (${SIMULATED})`, peer: 'goal', peerValue: goal });
  if (relevance && exploring.medianWait !== undefined) {
    // Where half of the items never got there, the longest wait is less than the median would be.
    const slow = relevance.medianWait ?? Math.max(...relevance.waits.map(({ days }) => days));
    const unit = relevance.medianWait === undefined ? 'times as soon, at least' : 'times as soon';
    print(`good new items under ${exploring.policy} and ${relevance.policy}`, slow / exploring.medianWait, unit, 5);
  }
  for (const other of [relevance, peer]) {
    if (!other) continue;
    const ratio = exploring.expectedClicks / other.expectedClicks;
    print(`expected clicks of ${exploring.policy} over ${other.policy}`, ratio, 'ratio', 1);
  }
  print(`promise of ${exploring.policy}`, exploring.promised, 'share of new items with it kept', 0.99);
}
