import type { TrainedServer } from './trainedServer';

/** Inference reads its campaigns once a second, and the first request prepares what to explore. */
const TAKES_EFFECT_MS = 1_500;

/** Explores with these settings from now on: resolves when that has taken effect. */
export async function explore(
  { controlUrl, campaignArn }: Pick<TrainedServer, 'controlUrl' | 'campaignArn'>,
  itemExplorationConfig: Readonly<Record<string, string>>,
): Promise<void> {
  const response = await fetch(controlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonPersonalize.UpdateCampaign' },
    body: JSON.stringify({ campaignArn, campaignConfig: { itemExplorationConfig } }),
  });
  if (!response.ok) throw new Error(`UpdateCampaign answered ${response.status}: ${await response.text()}`);
  await new Promise((resolve) => setTimeout(resolve, TAKES_EFFECT_MS));
}
