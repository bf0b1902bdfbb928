import { writeFile } from 'node:fs/promises';
import { InvalidInputError } from '@attune/domain';
import { EvaluateExplorationRequest, ExplorationReport } from '@attune/proto';
import type { LocalConfig } from '../localConfig';
import { htmlReport } from './htmlReport';
import { openSlateLog } from './slateLog';
import { textReport } from './textReport';

export const FORMATS = ['text', 'json', 'html'] as const;
export type ReportFormat = (typeof FORMATS)[number];

export interface EvaluateFlags {
  campaign: string;
  from?: string;
  to?: string;
  weight?: number[];
  cutOff?: number[];
  modelVersion?: string[];
  eventType?: string[];
  format: ReportFormat;
  /** A file to write to, in the place of standard output. */
  output?: string;
  server?: string;
}

const WRITERS: Readonly<Record<ReportFormat, (report: ExplorationReport) => string>> = {
  text: textReport,
  json: (report) => `${JSON.stringify(ExplorationReport.toJSON(report), undefined, 2)}\n`,
  html: htmlReport,
};

/** `attune evaluate-exploration`: off-policy estimates from the slate log. */
export async function evaluateCommand(config: LocalConfig, flags: EvaluateFlags, print: (text: string) => void) {
  const request = EvaluateExplorationRequest.fromPartial({
    campaignArn: flags.campaign,
    from: timeOf('--from', flags.from),
    to: timeOf('--to', flags.to),
    weights: flags.weight ?? [],
    cutOffs: flags.cutOff ?? [],
    solutionVersionArns: flags.modelVersion ?? [],
    eventTypes: flags.eventType ?? [],
  });
  const log = await openSlateLog(config, flags.server);
  try {
    const text = WRITERS[flags.format](await log.evaluate(request));
    if (flags.output === undefined) print(text);
    else await writeFile(flags.output, text);
  } finally {
    await log.close();
  }
}

function timeOf(flag: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) {
    throw new InvalidInputError(`${flag} is "${text}". Write a time such as 2026-01-31 or 2026-01-31T12:00:00Z.`);
  }
  return time;
}
