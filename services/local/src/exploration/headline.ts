import type { EstimatorReport, PolicyReport } from '@attune/proto';

/** Which estimator speaks for a policy where several can: the first that was not refused. */
const PREFERRED = ['DR', 'SNIIPS', 'SNRIPS'];

/** What the estimators assume, for whoever reads a report. */
export const ESTIMATORS: Readonly<Record<string, string>> = {
  IPS: 'whole lists, weighted',
  SNIPS: 'whole lists, weights made to sum to the lists',
  RIPS: 'lower slots do not change clicks above; weighted',
  SNRIPS: 'as RIPS, weights made to sum to the lists',
  IIPS: "an item's clicks hang on its slot alone; weighted",
  SNIIPS: 'as IIPS, weights made to sum to the lists',
  DR: 'as RIPS, with a click model that it corrects',
};

/** The estimate to read first; undefined where all were refused. */
export function headlineOf({ estimators }: PolicyReport): EstimatorReport | undefined {
  for (const name of PREFERRED) {
    const found = estimators.find(({ estimator, clicksPerList }) => estimator === name && clicksPerList !== undefined);
    if (found) return found;
  }
  return undefined;
}
