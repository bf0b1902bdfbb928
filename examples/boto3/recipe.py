"""Personalization from nothing to recommendations that follow every click, with boto3 as it comes from PyPI.

    npx attune up          # in another terminal, in the same folder
    pip install boto3
    python recipe.py http://127.0.0.1:8080

The first argument, or else AWS_ENDPOINT_URL, says where the server is. Credentials come from where AWS's tools look for
them; a server without access keys takes any, for example AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local.
"""

import argparse
import json
import os
import pathlib
import random
import time
import uuid

import boto3

options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
options.add_argument("endpoint", nargs="?", default=os.environ.get("AWS_ENDPOINT_URL", "http://127.0.0.1:8080"))
options.add_argument("--name", default="example", help="of everything that is created")
options.add_argument("--interactions", type=pathlib.Path, help="your own CSV: USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE")
options.add_argument("--objects", type=pathlib.Path, default=".attune/objects", help="the server's folder of objects")
options.add_argument("--clean-up", action="store_true", help="delete what an earlier run with this name created")
options = options.parse_args()

session = boto3.Session(region_name=boto3.Session().region_name or "us-east-1")
personalize = session.client("personalize", endpoint_url=options.endpoint)
events = session.client("personalize-events", endpoint_url=options.endpoint)
runtime = session.client("personalize-runtime", endpoint_url=options.endpoint)


def main():
    # Schemas say which columns there are; datasets hold the rows; a dataset group holds the datasets.
    group = personalize.create_dataset_group(name=options.name)["datasetGroupArn"]
    wait_for("dataset group", lambda: personalize.describe_dataset_group(datasetGroupArn=group)["datasetGroup"])

    import_dataset(group, "Interactions", INTERACTION_FIELDS, read_or_generate_interactions())
    if not options.interactions:
        import_dataset(group, "Items", ITEM_FIELDS, generate_items())

    # A solution says how to train; a solution version is one training, and its model.
    solution = personalize.create_solution(
        name=options.name,
        datasetGroupArn=group,
        recipeArn="arn:aws:personalize:::recipe/aws-user-personalization",
        performAutoTraining=False,
    )["solutionArn"]
    version = train(solution, "FULL")
    metrics = personalize.get_solution_metrics(solutionVersionArn=version)["metrics"]
    print("   ", ", ".join(f"{name} {value:.3f}" for name, value in sorted(metrics.items())))

    # A campaign serves a version. How much of a list may go to new items is a setting of the campaign.
    campaign = personalize.create_campaign(
        name=options.name,
        solutionVersionArn=version,
        campaignConfig={"itemExplorationConfig": {"explorationWeight": "0.3", "explorationItemAgeCutOff": "30"}},
    )["campaignArn"]
    wait_for("campaign", lambda: personalize.describe_campaign(campaignArn=campaign)["campaign"])
    before = recommend("a new user", campaign)

    # An event says what the user did, which list was on the screen (recommendationId), and what of it (impression).
    tracker = personalize.create_event_tracker(name=options.name, datasetGroupArn=group)
    wait_for(
        "event tracker",
        lambda: personalize.describe_event_tracker(eventTrackerArn=tracker["eventTrackerArn"])["eventTracker"],
    )
    shown = [item["itemId"] for item in before["itemList"]]
    events.put_events(
        trackingId=tracker["trackingId"],
        userId="newcomer",
        sessionId=str(uuid.uuid4()),
        eventList=[
            {
                "eventType": "watch",
                "itemId": shown[0],
                "sentAt": time.time(),
                "recommendationId": before["recommendationId"],
                "impression": shown,
            }
        ],
    )
    print(f"the new user watches {shown[0]}")
    time.sleep(0.5)
    recommend("the same user", campaign)

    # An update learns what is new since the last training. Campaigns move to such versions by themselves every two
    # hours; here, by hand.
    update = train(solution, "UPDATE")
    personalize.update_campaign(campaignArn=campaign, solutionVersionArn=update)
    wait_for(
        "campaign update",
        lambda: personalize.describe_campaign(campaignArn=campaign)["campaign"]["latestCampaignUpdate"],
    )
    recommend("the updated model", campaign)
    print(f"To delete all this: python {__file__} {options.endpoint} --name {options.name} --clean-up")


def import_dataset(group, kind, fields, csv):
    schema = {"type": "record", "name": kind, "namespace": "com.example", "version": "1.0", "fields": fields}
    created = personalize.create_schema(name=f"{options.name}-{kind.lower()}", schema=json.dumps(schema))
    dataset = personalize.create_dataset(
        name=f"{options.name}-{kind.lower()}",
        datasetGroupArn=group,
        datasetType=kind,
        schemaArn=created["schemaArn"],
    )["datasetArn"]
    wait_for(f"{kind} dataset", lambda: personalize.describe_dataset(datasetArn=dataset)["dataset"])
    job = personalize.create_dataset_import_job(
        jobName=f"{options.name}-{kind.lower()}-{int(time.time())}",
        datasetArn=dataset,
        dataSource={"dataLocation": put_object(f"{options.name}/{kind.lower()}.csv", csv)},
        roleArn="arn:aws:iam::000000000000:role/personalize",
    )["datasetImportJobArn"]
    wait_for(
        f"import of {kind}",
        lambda: personalize.describe_dataset_import_job(datasetImportJobArn=job)["datasetImportJob"],
    )


def put_object(key, content):
    """The embedded object store is a folder: BUCKET/KEY in it is s3://BUCKET/KEY. With S3: upload it there."""
    file = options.objects / "examples" / key
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)
    return f"s3://examples/{key}"


def train(solution, mode):
    created = personalize.create_solution_version(solutionArn=solution, trainingMode=mode)
    version = created["solutionVersionArn"]
    wait_for(
        f"training ({mode})",
        lambda: personalize.describe_solution_version(solutionVersionArn=version)["solutionVersion"],
    )
    return version


def recommend(whom, campaign):
    answer = runtime.get_recommendations(campaignArn=campaign, userId="newcomer", numResults=5)
    print(f"for {whom}:", ", ".join(item["itemId"] for item in answer["itemList"]))
    return answer


def wait_for(what, describe):
    """Asks until a resource is ready, and says what becomes of it."""
    status = None
    while status != "ACTIVE":
        if status is not None:
            time.sleep(0.5)
        resource = describe()
        if resource["status"] != status:
            status = resource["status"]
            print(f"{what}: {status}")
        if "FAILED" in status:
            raise SystemExit(f"{what} failed: {resource.get('failureReason')}")


INTERACTION_FIELDS = [
    {"name": "USER_ID", "type": "string"},
    {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"},
    {"name": "EVENT_TYPE", "type": "string"},
]
ITEM_FIELDS = [
    {"name": "ITEM_ID", "type": "string"},
    {"name": "GENRE", "type": ["null", "string"], "categorical": True},
    {"name": "CREATION_TIMESTAMP", "type": "long"},
]
USERS, ITEMS, WATCHED = 60, 40, 30


def read_or_generate_interactions():
    """60 users who mostly watch the next episode of a series, and sometimes another one."""
    if options.interactions:
        return options.interactions.read_text()
    chance, start = random.Random(7), int(time.time()) - 86_400
    rows = ["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE"]
    for user in range(USERS):
        episode = chance.randrange(ITEMS)
        for watched in range(WATCHED):
            rows.append(f"user-{user},episode-{episode},{start + user * 60 + watched * 1800},watch")
            episode = (episode + 1) % ITEMS if chance.random() < 0.8 else chance.randrange(ITEMS)
    return "\n".join(rows) + "\n"


def generate_items():
    """40 episodes, the last ten of them new."""
    now = int(time.time())
    genres = ["drama", "comedy", "crime", "nature"]
    rows = [f"episode-{n},{genres[n // 10]},{now - (100 if n < 30 else 5) * 86_400}" for n in range(ITEMS)]
    return "\n".join(["ITEM_ID,GENRE,CREATION_TIMESTAMP", *rows]) + "\n"


def clean_up():
    """Deletes in the order in which nothing is in use any more."""
    for group in listed("dataset_groups", "datasetGroups", options.name):
        within = {"datasetGroupArn": group["datasetGroupArn"]}
        for solution in listed("solutions", **within):
            for campaign in listed("campaigns", solutionArn=solution["solutionArn"]):
                delete("campaign", campaignArn=campaign["campaignArn"])
            delete("solution", solutionArn=solution["solutionArn"])
        for tracker in listed("event_trackers", "eventTrackers", **within):
            delete("event_tracker", eventTrackerArn=tracker["eventTrackerArn"])
        for dataset in listed("datasets", **within):
            delete("dataset", datasetArn=dataset["datasetArn"])
        delete("dataset_group", **within)
    for kind in ["interactions", "items"]:
        for schema in listed("schemas", name=f"{options.name}-{kind}"):
            delete("schema", schemaArn=schema["schemaArn"])


def listed(kind, member=None, name=None, **within):
    """Every resource of a kind, from all pages of its list."""
    pages = personalize.get_paginator(f"list_{kind}").paginate(**within)
    return [each for page in pages for each in page[member or kind] if name in (None, each["name"])]


def delete(kind, **arn):
    """Deletes a resource and waits until it is gone."""
    getattr(personalize, f"delete_{kind}")(**arn)
    try:
        while True:
            getattr(personalize, f"describe_{kind}")(**arn)
            time.sleep(0.2)
    except personalize.exceptions.ResourceNotFoundException:
        print("deleted", *arn.values())


if __name__ == "__main__":
    clean_up() if options.clean_up else main()
