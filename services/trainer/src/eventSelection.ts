import type { SolutionDefinition, TrainingInteraction } from '@attune/database';

/** What the API calls the configuration of events, as a solution's definition holds it. */
interface EventSettings {
  eventType?: string;
  solutionConfig?: {
    eventValueThreshold?: string;
    eventsConfig?: { eventParametersList?: readonly { eventType: string; eventValueThreshold?: number }[] };
  };
}

/**
 * Which events a solution trains on: those of the types of its eventsConfig, or else of its eventType, or else all; of
 * them, where there is a threshold, those with a value that reaches it.
 */
export function selectEvents(
  definition: SolutionDefinition,
): (event: Pick<TrainingInteraction, 'eventType' | 'eventValue'>) => boolean {
  const { eventType, solutionConfig: { eventValueThreshold, eventsConfig } = {} } = definition as EventSettings;
  const listed = eventsConfig?.eventParametersList ?? [];
  if (listed.length > 0) {
    const thresholds = new Map(listed.map((each) => [each.eventType, each.eventValueThreshold]));
    return (event) => thresholds.has(event.eventType) && reaches(event.eventValue, thresholds.get(event.eventType));
  }
  const threshold = eventValueThreshold === undefined ? undefined : Number(eventValueThreshold);
  return (event) => (eventType === undefined || event.eventType === eventType) && reaches(event.eventValue, threshold);
}

function reaches(value: number | undefined, threshold: number | undefined): boolean {
  return threshold === undefined || (value !== undefined && value >= threshold);
}
