import pc from 'picocolors';
import type { Terminal } from '../terminal';
import type { DemoKey } from './demoKey';
import type { DemoSystem } from './demoSystem';
import type { PreparedDemo } from './prepare';

export interface GoOnOptions {
  terminal: Terminal;
  attune: DemoSystem;
  prepared: PreparedDemo;
  /** Someone to ask recommendations for. */
  userId: string;
  /** Absent where calls need none. */
  key: DemoKey | undefined;
  logFile: string;
}

/** Tells where the services of the demo are, and how to call them. No secret is printed. */
export function showHowToGoOn({ terminal, attune, prepared, userId, key, logFile }: GoOnOptions): void {
  const { urls, grpcAddress, control } = attune;
  const { campaignArn, trackingId } = prepared;
  terminal.heading('Your turn');
  if (urls.events === urls.recommendations) {
    terminal.print(`  HTTP      ${urls.events}  (AWS shapes, /health, /metrics)`);
  } else {
    terminal.print(`  HTTP      ${urls.recommendations}  (recommendations, AWS shapes)`);
    terminal.print(`  HTTP      ${urls.events}  (events)`);
  }
  if (grpcAddress) terminal.print(`  gRPC      ${grpcAddress}  (attune.v1, with reflection)`);
  terminal.print(`  CAMPAIGN  ${campaignArn}`);
  terminal.print(`  TRACKER   ${trackingId}`);
  terminal.print(`  log       ${logFile}`);
  const id = key?.accessKeyId ?? 'local';
  const secret = key ? 'SECRET' : 'local';
  terminal.print(`\n${pc.dim(`# boto3, unmodified${key ? '; SECRET is that of the access key' : ''}`)}`);
  terminal.print(
    `python3 -c "import boto3; print(boto3.client('personalize-runtime', endpoint_url='${urls.recommendations}', region_name='${control.scope.region}', aws_access_key_id='${id}', aws_secret_access_key='${secret}').get_recommendations(campaignArn='${campaignArn}', userId='${userId}', numResults=5)['itemList'])"`,
  );
  if (!grpcAddress) return;
  terminal.print(`\n${pc.dim('# gRPC')}`);
  terminal.print(
    `grpcurl -plaintext ${key ? "-H 'authorization: Bearer API-KEY' " : ''}-d '{"campaign_arn": "${campaignArn}", "user_id": "${userId}", "num_results": 5}' ${grpcAddress} attune.v1.RecommendationsService/GetRecommendations`,
  );
  terminal.print(`\nServing. ${pc.bold('Ctrl-C')} stops; the same command, or npx attune up, goes on from here.`);
}
