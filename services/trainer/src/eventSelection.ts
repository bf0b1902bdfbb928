import type { SolutionDefinition, TrainingInteraction } from '@attune/database';

/** What the API calls the configuration of events, as a solution's definition holds it. */
interface EventSettings {
  eventType?: string;
  solutionConfig?: {
    eventValueThreshold?: string;
    eventsConfig?: {
      eventParametersList?: readonly { eventType: string; eventValueThreshold?: number; weight?: number }[];
    };
  };
}

/**
 * Which events a solution trains on, and how much predicting each counts: those of the types of its eventsConfig with
 * their weights, or else of its eventType, or else all; of them, where there is a threshold, those with a value that
 * reaches it.
 * @returns the weight of an event, 0 to 1; undefined for one that is left out
 */
export function eventWeights(
  definition: SolutionDefinition,
): (event: Pick<TrainingInteraction, 'eventType' | 'eventValue'>) => number | undefined {
  const { eventType, solutionConfig: { eventValueThreshold, eventsConfig } = {} } = definition as EventSettings;
  const listed = eventsConfig?.eventParametersList ?? [];
  if (listed.length > 0) {
    const byType = new Map(listed.map((each) => [each.eventType, each]));
    return (event) => {
      const settings = byType.get(event.eventType);
      const trains = settings && reaches(event.eventValue, settings.eventValueThreshold);
      return trains ? (settings.weight ?? 1) : undefined;
    };
  }
  const threshold = eventValueThreshold === undefined ? undefined : Number(eventValueThreshold);
  return (event) => {
    const trains = (eventType === undefined || event.eventType === eventType) && reaches(event.eventValue, threshold);
    return trains ? 1 : undefined;
  };
}

function reaches(value: number | undefined, threshold: number | undefined): boolean {
  return threshold === undefined || (value !== undefined && value >= threshold);
}
