import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { InvalidNextTokenError, ResourceInUseError, TooManyTagsError } from '@attune/domain';
import type { HttpServer } from '@attune/service';
import { describeWhere, lackingInPython, python } from '@attune/testing';
import {
  CreateSolutionCommand,
  DeleteSchemaCommand,
  DescribeCampaignCommand,
  InvalidInputException,
  InvalidNextTokenException,
  ListTagsForResourceCommand,
  PersonalizeClient,
  paginateListSolutions,
  ResourceInUseException,
  TagResourceCommand,
  TooManyTagsException,
} from '@aws-sdk/client-personalize';
import type { ControlRequest } from './controlOperations';
import { startControlServer } from './controlServer.fixture';

const resource = (type: string) => `arn:aws:personalize:us-east-1:000000000000:${type}`;
const CREATED_MS = Date.parse('2026-01-31T12:00:00.250Z');

const campaign = {
  name: 'front-page',
  campaignArn: resource('campaign/front-page'),
  solutionVersionArn: resource('solution/shop/0badcafe'),
  minProvisionedTPS: 1,
  campaignConfig: {
    itemExplorationConfig: { explorationWeight: '0.3' },
    syncWithLatestSolutionVersion: true,
    rankingInfluence: { FRESHNESS: 0.5 },
  },
  status: 'ACTIVE',
};
const campaignTimes = { creationDateTime: CREATED_MS, lastUpdatedDateTime: CREATED_MS + 1 };

const solution: ControlRequest<'CreateSolution'> = {
  name: 'shop',
  datasetGroupArn: resource('dataset-group/shop'),
  performAutoTraining: true,
  solutionConfig: {
    algorithmHyperParameters: { hidden_dimension: '64' },
    hpoConfig: {
      algorithmHyperParameterRanges: {
        integerHyperParameterRanges: [{ name: 'bptt', minValue: 2, maxValue: 32 }],
        categoricalHyperParameterRanges: [{ name: 'recency_mask', values: ['true', 'false'] }],
      },
    },
    eventsConfig: { eventParametersList: [{ eventType: 'buy', eventValueThreshold: 0.5, weight: 1 }] },
    trainingDataConfig: { excludedDatasetColumns: { Items: ['DESCRIPTION'] } },
    autoTrainingConfig: { schedulingExpression: 'rate(7 days)' },
  },
};

let server: HttpServer;
const created: ControlRequest<'CreateSolution'>[] = [];

beforeAll(async () => {
  server = await startControlServer({
    CreateSolution: async (request) => {
      created.push(request);
      return { solutionArn: resource(`solution/${request.name}`) };
    },
    DescribeCampaign: async () => ({
      campaign: {
        ...campaign,
        ...campaignTimes,
        failureReason: undefined,
        latestCampaignUpdate: { status: 'ACTIVE', creationDateTime: CREATED_MS },
      },
    }),
    DeleteSchema: async () => {
      throw new ResourceInUseError('a dataset has this schema');
    },
    TagResource: async () => {
      throw new TooManyTagsError('has 50 tags already');
    },
    ListTagsForResource: async () => ({ tags: [{ tagKey: 'größe', tagValue: 'L' }] }),
    ListSolutions: async ({ nextToken = '0', maxResults = 2 }) => {
      if (!/^\d$/.test(nextToken)) throw new InvalidNextTokenError('not a token of this list');
      const start = Number(nextToken);
      const names = ['a', 'b', 'c', 'd', 'e'].slice(start, start + maxResults);
      return {
        solutions: names.map((name) => ({ name, creationDateTime: CREATED_MS })),
        nextToken: start + maxResults < 5 ? String(start + maxResults) : undefined,
      };
    },
  });
});

afterAll(() => server.stop());

describe('the AWS SDK for JavaScript', () => {
  let client: PersonalizeClient;

  beforeAll(() => {
    client = new PersonalizeClient({
      endpoint: `http://127.0.0.1:${server.port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      maxAttempts: 1,
    });
  });

  afterAll(() => client.destroy());

  test('a nested request arrives as it was written', async () => {
    const { solutionArn } = await client.send(new CreateSolutionCommand(solution as never));
    expect(solutionArn).toBe(resource('solution/shop'));
    expect(created.at(-1)).toEqual(solution);
  });

  test('a nested answer arrives with its dates, to the millisecond', async () => {
    const answer = await client.send(new DescribeCampaignCommand({ campaignArn: campaign.campaignArn }));
    expect(answer.campaign).toEqual({
      ...campaign,
      creationDateTime: new Date(CREATED_MS),
      lastUpdatedDateTime: new Date(CREATED_MS + 1),
      latestCampaignUpdate: { status: 'ACTIVE', creationDateTime: new Date(CREATED_MS) },
    });
    expect(answer.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('text of any script comes through', async () => {
    const { tags } = await client.send(new ListTagsForResourceCommand({ resourceArn: resource('schema/s') }));
    expect(tags).toEqual([{ tagKey: 'größe', tagValue: 'L' }]);
  });

  test('a list is read page by page', async () => {
    const names: (string | undefined)[] = [];
    for await (const { solutions } of paginateListSolutions({ client, pageSize: 2 }, {})) {
      names.push(...(solutions ?? []).map(({ name }) => name));
    }
    expect(names).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('errors are the exceptions of the SDK', async () => {
    const schema = client.send(new DeleteSchemaCommand({ schemaArn: resource('schema/s') }));
    await expect(schema).rejects.toThrow(new ResourceInUseException(thrown('a dataset has this schema')));
    const tags = [{ tagKey: 'k', tagValue: 'v' }];
    const tagging = client.send(new TagResourceCommand({ resourceArn: resource('schema/s'), tags }));
    await expect(tagging).rejects.toBeInstanceOf(TooManyTagsException);
    const wrong = client.send(new DeleteSchemaCommand({ schemaArn: 'clicks' }));
    await expect(wrong).rejects.toBeInstanceOf(InvalidInputException);
    const pages = paginateListSolutions({ client, startingToken: 'elsewhere' }, {});
    await expect(pages.next()).rejects.toBeInstanceOf(InvalidNextTokenException);
  });

  function thrown(message: string) {
    return { message, $metadata: {} };
  }
});

describeWhere('boto3', lackingInPython('boto3'), () => {
  test('writes the same requests and reads the same answers', async () => {
    const script = `
import boto3, json, sys
from botocore.config import Config
endpoint, solution, arn, schema = sys.argv[1:]
client = boto3.client("personalize", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="local",
                      aws_secret_access_key="local", config=Config(parameter_validation=False, retries={"max_attempts": 0}))
created = client.create_solution(**json.loads(solution))
campaign = client.describe_campaign(campaignArn=arn)["campaign"]
pages = [s["name"] for page in client.get_paginator("list_solutions").paginate(PaginationConfig={"PageSize": 2}) for s in page["solutions"]]
def failure(call, exception):
    try: call()
    except exception as e: return [e.response["Error"]["Code"], e.response["Error"]["Message"], e.response["ResponseMetadata"]["HTTPStatusCode"]]
used = failure(lambda: client.delete_schema(schemaArn=schema), client.exceptions.ResourceInUseException)
wrong = failure(lambda: client.create_campaign(name="-", solutionVersionArn=arn, campaignConfig={"rankingInfluence": {"PRICE": 2}}),
                client.exceptions.InvalidInputException)
print(json.dumps(dict(created=created["solutionArn"], campaign=campaign, pages=pages, used=used, wrong=wrong),
                 default=lambda date: date.timestamp()))
`;
    const endpoint = `http://127.0.0.1:${server.port}`;
    const args = [endpoint, JSON.stringify(solution), campaign.campaignArn, resource('schema/s')];
    const { stdout } = await promisify(execFile)(python, ['-c', script, ...args]);
    expect(JSON.parse(stdout)).toEqual({
      created: resource('solution/shop'),
      campaign: {
        ...campaign,
        creationDateTime: CREATED_MS / 1000,
        lastUpdatedDateTime: (CREATED_MS + 1) / 1000,
        latestCampaignUpdate: { status: 'ACTIVE', creationDateTime: CREATED_MS / 1000 },
      },
      pages: ['a', 'b', 'c', 'd', 'e'],
      used: ['ResourceInUseException', 'a dataset has this schema', 400],
      wrong: ['InvalidInputException', expect.stringContaining("'-' at 'name'"), 400],
    });
    expect(created.at(-1)).toEqual(solution);
  });
});
