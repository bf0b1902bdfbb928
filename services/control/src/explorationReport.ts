import type { EstimatorResult, LoggedPolicy, Mean, SlotRates } from '@attune/exploration';
import type { EstimatorReport, MeanEstimate, LoggedPolicy as Message, SlotReport } from '@attune/proto';

/** What a log's lists earned, in the form of the report. */
export function reportLogged(logged: LoggedPolicy): Omit<Message, 'settings'> {
  const { clicksPerList, slots, ...counts } = logged;
  return { ...counts, clicksPerList: clicksPerList && meanEstimate(clicksPerList), slots: slots.map(slotReport) };
}

/** What an estimator says, in the form of the report. */
export function reportResult(result: EstimatorResult): EstimatorReport {
  if ('refusal' in result) {
    return { estimator: result.estimator, clicksPerList: undefined, effectiveSampleSize: 0, refusal: result.refusal };
  }
  const { estimator, estimate } = result;
  return {
    estimator,
    clicksPerList: meanEstimate(estimate),
    effectiveSampleSize: estimate.effectiveSampleSize,
    refusal: '',
  };
}

function slotReport({ lists, clickRate, exploredShare, explored, relevant }: SlotRates): SlotReport {
  return {
    lists,
    clickRate: meanEstimate(clickRate),
    exploredShare,
    exploredClickRate: explored && meanEstimate(explored),
    relevantClickRate: relevant && meanEstimate(relevant),
  };
}

function meanEstimate({ value, standardError, interval, bootstrapInterval }: Mean): MeanEstimate {
  return {
    value,
    standardError,
    lower: interval[0],
    upper: interval[1],
    bootstrapLower: bootstrapInterval?.[0],
    bootstrapUpper: bootstrapInterval?.[1],
  };
}
