import { InvalidInputError } from '@attune/domain';
import type { Upstreams } from '@attune/front';
import { type Config, stringVariable } from '@attune/service';

/** Where the front finds the services that answer. */
export const FRONT_DECLARATIONS = {
  controlUrl: stringVariable('ATTUNE_CONTROL_URL', {
    description: 'Where the front finds control, http://host:port.',
    default: '',
  }),
  ingestUrl: stringVariable('ATTUNE_INGEST_URL', {
    description: 'Where the front finds ingest.',
    default: '',
  }),
  inferenceUrl: stringVariable('ATTUNE_INFERENCE_URL', {
    description: 'Where the front finds inference.',
    default: '',
  }),
} as const;

/** @throws InvalidInputError that names every address that is missing or malformed */
export function upstreams({ controlUrl, ingestUrl, inferenceUrl }: Config<typeof FRONT_DECLARATIONS>): Upstreams {
  const given = { ATTUNE_CONTROL_URL: controlUrl, ATTUNE_INGEST_URL: ingestUrl, ATTUNE_INFERENCE_URL: inferenceUrl };
  const wrong = Object.entries(given).filter(([, url]) => !/^https?:\/\/[^/?#]+\/?$/.test(url));
  if (wrong.length > 0) {
    const names = wrong.map(([name, url]) => `${name} ("${url}")`).join(', ');
    throw new InvalidInputError(`The front needs the address of each service, such as http://host:8080: ${names}.`);
  }
  return { control: controlUrl, ingest: ingestUrl, inference: inferenceUrl };
}
